// SPDX-License-Identifier: Apache-2.0
#include "transfer/fine_tuning.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/error.hpp"
#include "graft/base/text.hpp"
#include "graft/plan/plan.hpp"

namespace graft::transfer {
namespace {

constexpr std::array kTrainedShares = {0.95, 0.8, 0.6, 0.35};  // of the base's weights
/// A step forward and back costs three times the way forward.
constexpr double kStepCost = 3;
/// Multiplications and additions that fine-tuning may take: minutes on two cores.
constexpr double kMostOperations = 1.2e13;
/// Views that it should see: few photos are shown more often, many at least three times.
constexpr double kViewsWanted = 4000;
constexpr std::int64_t kFewestEpochs = 3, kWorthEpochs = 2;
/// Of a kernel's root mean square: measured with MobileNetV2 on photos of ten kinds of objects, where 1.4 %
/// learns most in three epochs and 2.4 % forgets first.
constexpr double kShareOfKernel = 0.013, kWithoutNormalisation = 0.3;
constexpr double kManyViews = 8000;

bool is_normalisation(const Layer& layer) {
  return layer.class_name().find("Normalization") != std::string::npos;
}

/// Mean over the weights of their kernel's root mean square. Depthwise kernels, a few large numbers, are left
/// out.
double kernel_size(std::span<const Layer> layers) {
  double sum = 0;
  double count = 0;
  for (const Layer& layer : layers) {
    if (layer.class_name().starts_with("Depthwise")) continue;
    for (const VariablePtr& weight : layer.weights()) {
      if (weight->shape().rank() < 2) continue;
      double square = 0;
      for (const float x : weight->value().data()) square += static_cast<double>(x) * x;
      const auto elements = static_cast<double>(weight->value().count());
      sum += std::sqrt(square * elements);
      count += elements;
    }
  }
  return count > 0 ? sum / count : 0;
}

}  // namespace

double operations_of(const Model& model) {
  const plan::Plan plan = plan::Plan::lower(model, {.batch_size = 1});
  double operations = 0;
  for (const plan::StepInfo& step : plan.steps()) operations += step.operations;
  return operations;
}

double epoch_operations(const Model& tail, std::size_t views) {
  return kStepCost * operations_of(tail) * static_cast<double>(views);
}

double fine_tuning_rate(const Model& base, const Frontier& frontier, std::size_t views) {
  const auto trained = base.layers().subspan(frontier.layer_index);
  double rate = kShareOfKernel * kernel_size(trained);
  if (std::ranges::none_of(trained, is_normalisation)) rate *= kWithoutNormalisation;
  rate *= std::min(1.0, std::sqrt(static_cast<double>(views) / kManyViews));
  // Two digits: what is told is what is used.
  if (rate <= 0) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(rate)) - 1);
  return std::round(rate / unit) * unit;
}

std::optional<FineTuningPlan> plan_fine_tuning(const Model& base, const FineTuningNeeds& needs,
                                               std::string& why_not) {
  why_not.clear();
  if (needs.most_epochs < 1 || base.count_params() == 0) return std::nullopt;
  const auto views = static_cast<double>(needs.views);
  const auto wanted = std::max(kFewestEpochs, static_cast<std::int64_t>(std::ceil(kViewsWanted / views)));
  for (const double share : kTrainedShares) {
    FineTuningPlan plan{.frontier = find_frontier(base, share)};
    const auto values = static_cast<double>(plan.frontier.tensor.shape.without_batch().count());
    const double bytes = values * sizeof(float) * (views + static_cast<double>(needs.validation));
    if (bytes > static_cast<double>(needs.cache_bytes)) {
      why_not = "no fine-tuning: its features would need more memory than allowed";
      continue;
    }
    const Model tail(plan.frontier.tensor, base.outputs().front(), "tail_operations");
    const double an_epoch = epoch_operations(tail, needs.views);
    const auto affordable = static_cast<std::int64_t>(kMostOperations / std::max(an_epoch, 1.0));
    if (affordable < kWorthEpochs) {
      why_not = "no fine-tuning: so many photos would take too long";
      continue;
    }
    plan.epochs = std::min({wanted, affordable, needs.most_epochs});
    plan.learning_rate = fine_tuning_rate(base, plan.frontier, needs.views);
    plan.operations = an_epoch * static_cast<double>(plan.epochs);
    why_not.clear();
    return plan;
  }
  return std::nullopt;
}

}  // namespace graft::transfer
