// SPDX-License-Identifier: Apache-2.0
#include "transfer/fine_tune/plan_by_clock.hpp"

#include <algorithm>

#include "graft/error.hpp"
#include "graft/plan/plan.hpp"

#include "transfer/base/classifier_graph.hpp"
#include "transfer/context/stopwatch.hpp"
#include "transfer/fine_tune/fit_tail.hpp"

namespace graft::transfer {
namespace {

constexpr std::int64_t kTimedBatch = 32;
constexpr double kForwardShare = 1.0 / 3;  // of a step, which goes forward and back

double arrival_of_all(const FrontierTime& time, const FineTuningNeeds& needs) {
  return time.arrival * static_cast<double>(needs.views + needs.validation);
}

}  // namespace

double seconds_per_photo(const Model& model) {
  plan::Plan plan = plan::Plan::lower(model, {.batch_size = kTimedBatch});
  Tensor photos(model.inputs().front().shape.without_batch().with_batch(kTimedBatch));
  plan.forward(photos);
  const Stopwatch clock;
  plan.forward(photos);
  return kWithReading * clock.seconds() / static_cast<double>(kTimedBatch);
}

std::int64_t epochs_within(double seconds, const FrontierTime& time, const FineTuningNeeds& needs) {
  const double views =
      static_cast<double>(needs.views) + kForwardShare * static_cast<double>(needs.validation);
  const double an_epoch = std::max(views * time.view, 1e-9);
  const double most = static_cast<double>(needs.most_epochs);
  return static_cast<std::int64_t>(std::clamp(seconds / an_epoch, 0.0, most));
}

const FrontierTime* choose_by_clock(const std::vector<FrontierTime>& times, double seconds,
                                    const FineTuningNeeds& needs) {
  for (const std::int64_t enough : {kFewestEpochs, kWorthEpochs}) {
    for (const FrontierTime& time : times) {
      const std::int64_t epochs = epochs_within(seconds - arrival_of_all(time, needs), time, needs);
      if (epochs >= std::min(enough, needs.most_epochs)) return &time;
    }
  }
  return nullptr;
}

const FrontierTime& FineTuningPlanner::measure(const Frontier& frontier) {
  const auto known = measured_.find(frontier.layer_index);
  if (known != measured_.end()) return known->second;
  const Size2D size = run_.image_size;
  const Model arrival = build_features(base_, size, {}, frontier.tensor);
  FrontierTime time{.frontier = frontier, .arrival = seconds_per_photo(arrival)};
  const ClassifierGraph classifier =
      build_classifier(base_, size, run_.photos.class_names.size(), {base_.model.outputs().front()});
  TailFit tail(run_, base_, frontier, classifier);
  time.view = tail.seconds_of_step() / static_cast<double>(run_.options.batch_size);
  return measured_.emplace(frontier.layer_index, time).first->second;
}

std::optional<FineTuningPlan> FineTuningPlanner::plan(const FineTuningNeeds& needs,
                                                      std::optional<double> seconds, std::string& why_not) {
  if (!seconds) return plan_fine_tuning(base_.model, needs, why_not);
  why_not = "no fine-tuning: the budget leaves no time for it";
  if (*seconds <= 0 || needs.most_epochs < 1 || base_.model.count_params() == 0) return std::nullopt;
  std::vector<FrontierTime> times;
  // The latest first: where one takes too long, the earlier ones are not even measured.
  std::vector<Frontier> frontiers = frontiers_for(base_.model, needs.strategy);
  std::ranges::reverse(frontiers);
  for (const Frontier& frontier : frontiers) {
    if (!fits_into_memory(frontier, needs)) {
      if (times.empty()) why_not = "no fine-tuning: its features would need more memory than allowed";
      break;
    }
    times.insert(times.begin(), measure(frontier));
    if (epochs_within(*seconds - arrival_of_all(times.front(), needs), times.front(), needs) < 1) break;
  }
  const FrontierTime* chosen = choose_by_clock(times, *seconds, needs);
  if (chosen == nullptr) return std::nullopt;
  why_not.clear();
  FineTuningPlan plan = plan_at(base_.model, chosen->frontier, needs);
  settle(plan, needs, *seconds - arrival_of_all(*chosen, needs));
  return plan;
}

void FineTuningPlanner::settle(FineTuningPlan& plan, const FineTuningNeeds& needs, double seconds) {
  const double an_epoch = plan.operations / static_cast<double>(plan.epochs);
  plan.epochs = std::max<std::int64_t>(1, epochs_within(seconds, measure(plan.frontier), needs));
  plan.operations = an_epoch * static_cast<double>(plan.epochs);
  plan.seconds = std::max(seconds, 0.0);
}

}  // namespace graft::transfer
