// SPDX-License-Identifier: Apache-2.0
#include "transfer/fine_tune/fine_tuning.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "transfer/base/operations.hpp"

namespace graft::transfer {
namespace {

constexpr std::array kTrainedShares = {0.95, 0.8, 0.6, 0.35};  // of the base's weights
constexpr double kMoreThanAll = 2;                             // from the input on
/// A step forward and back costs three times the way forward.
constexpr double kStepCost = 3;
/// Views that it should see: few photos are shown more often, many at least three times.
constexpr double kViewsWanted = 4000;
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

/// The reported rate is the one used.
double two_digits(double rate) {
  if (!(rate > 0)) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(rate)) - 1);
  return std::round(rate / unit) * unit;
}

}  // namespace

double epoch_operations(const Model& base, const Frontier& frontier, std::size_t views) {
  const Model tail(frontier.tensor, base.outputs().front(), "tail_operations");
  return kStepCost * operations_of(tail) * static_cast<double>(views);
}

double fine_tuning_rate(const Model& base, const Frontier& frontier, std::size_t views) {
  const auto trained = base.layers().subspan(frontier.layer_index);
  double rate = kShareOfKernel * kernel_size(trained);
  if (std::ranges::none_of(trained, is_normalisation)) rate *= kWithoutNormalisation;
  rate *= std::min(1.0, std::sqrt(static_cast<double>(views) / kManyViews));
  return two_digits(rate);
}

double rate_for_step(double rate, double allowed, const std::function<double(double rate)>& moved_by) {
  constexpr int kMostTrials = 8;
  constexpr double kSlack = 1.1;  // what rounding the rate adds
  constexpr double kSmallestPart = 1e-3, kNearEnough = 0.5;
  const double none = std::numeric_limits<double>::infinity();
  double fits = 0, too_large = none;
  for (int trial = 0; trial < kMostTrials && rate > 0; ++trial) {
    const double moved = moved_by(rate);
    const double wanted = rate * allowed / moved;  // if answers moved in proportion
    if (moved <= kSlack * allowed) {
      fits = rate;
      if (too_large == none || moved >= kNearEnough * allowed) break;
      rate = two_digits(std::min(wanted, std::sqrt(rate * too_large)));
      continue;
    }
    too_large = rate;
    const double least = std::max(kSmallestPart * rate, fits > 0 ? std::sqrt(fits * rate) : 0);
    rate = two_digits(std::isfinite(wanted) ? std::max(wanted, least) : least);
  }
  return fits > 0 ? fits : rate;
}

std::vector<Frontier> frontiers_for(const Model& base, Strategy strategy) {
  if (strategy == Strategy::train_everything) return {find_frontier(base, kMoreThanAll)};
  std::vector<Frontier> frontiers;
  for (const double share : kTrainedShares) {
    Frontier frontier = find_frontier(base, share);
    if (frontiers.empty() || frontiers.back().layer_index != frontier.layer_index)
      frontiers.push_back(std::move(frontier));
  }
  return frontiers;
}

bool fits_into_memory(const Frontier& frontier, const FineTuningNeeds& needs) {
  const auto values = static_cast<double>(frontier.tensor.shape.without_batch().count());
  const auto photos = static_cast<double>(needs.views) + static_cast<double>(needs.validation);
  return values * sizeof(float) * photos <= static_cast<double>(needs.cache_bytes);
}

namespace {

FineTuningPlan make_plan(const Model& base, const Frontier& frontier, const FineTuningNeeds& needs,
                         double an_epoch) {
  const auto views = static_cast<double>(std::max<std::size_t>(needs.views, 1));
  const auto wanted = std::max(kFewestEpochs, static_cast<std::int64_t>(std::ceil(kViewsWanted / views)));
  const auto affordable = static_cast<std::int64_t>(needs.operations / std::max(an_epoch, 1.0));
  FineTuningPlan plan{.strategy = needs.strategy, .frontier = frontier};
  plan.epochs = std::max<std::int64_t>(1, std::min({wanted, affordable, needs.most_epochs}));
  plan.learning_rate = fine_tuning_rate(base, frontier, needs.views);
  plan.operations = an_epoch * static_cast<double>(plan.epochs);
  return plan;
}

}  // namespace

FineTuningPlan plan_at(const Model& base, const Frontier& frontier, const FineTuningNeeds& needs) {
  return make_plan(base, frontier, needs, epoch_operations(base, frontier, needs.views));
}

std::optional<FineTuningPlan> plan_fine_tuning(const Model& base, const FineTuningNeeds& needs,
                                               std::string& why_not) {
  why_not.clear();
  if (needs.most_epochs < 1 || base.count_params() == 0) return std::nullopt;
  for (const Frontier& frontier : frontiers_for(base, needs.strategy)) {
    if (!fits_into_memory(frontier, needs)) {
      why_not = "no fine-tuning: its features would need more memory than allowed";
      continue;
    }
    const double an_epoch = epoch_operations(base, frontier, needs.views);
    if (an_epoch * kWorthEpochs > needs.operations) {
      why_not = "no fine-tuning: this many photos would take too long; allow a larger budget";
      continue;
    }
    why_not.clear();
    return make_plan(base, frontier, needs, an_epoch);
  }
  return std::nullopt;
}

}  // namespace graft::transfer
