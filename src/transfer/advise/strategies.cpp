// SPDX-License-Identifier: Apache-2.0
#include "transfer/advise/strategies.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "graft/base/error.hpp"
#include "graft/data/photo_list.hpp"

#include "transfer/classifier_graph.hpp"
#include "transfer/fit_tail.hpp"
#include "transfer/head_choice.hpp"

namespace graft::transfer {
namespace {

constexpr double kPartShare = 0.8;       // of the base's weights, behind the frontier
constexpr double kEverything = 2;        // more than there are: from the input on
constexpr std::int64_t kMostEpochs = 6;  // of fine-tuning

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(values.size(), 1));
}

}  // namespace

data::Dataset part_of(const data::Dataset& photos, std::size_t most, std::uint64_t seed) {
  data::DatasetOptions options = photos.options();
  options.shuffle = false;
  if (photos.size() <= most) return photos.with_options(options);
  const double share = static_cast<double>(most) / static_cast<double>(photos.size());
  const std::vector<double> fractions{share, 1 - share};
  const auto parts = data::stratified_split(photos.labels(), fractions, seed);
  return photos.subset(parts.front(), options);
}

std::vector<Tensor> all_features(const FeatureRequest& request, const data::Dataset& photos,
                                 Reporter& reporter) {
  Features features(request, photos, reporter);
  std::vector<Tensor> all;
  for (std::size_t i = 0; i < request.model.outputs().size(); ++i) all.push_back(features.take(i));
  if (reporter.stopped()) fail(ErrorKind::interrupted, "stopped before there was anything to tell");
  return all;
}

FineTuningPlan plan_strategy(const BaseModel& base, Strategy strategy, const StrategyNeeds& needs) {
  const double share = strategy == Strategy::train_everything ? kEverything : kPartShare;
  FineTuningPlan plan{.frontier = find_frontier(base.model, share)};
  const Model tail(plan.frontier.tensor, base.model.outputs().front(), "tail_operations");
  const double an_epoch = epoch_operations(tail, needs.views);
  const auto affordable = static_cast<std::int64_t>(needs.operations / std::max(an_epoch, 1.0));
  const std::int64_t most = std::max<std::int64_t>(1, std::min(kMostEpochs, needs.most_epochs));
  plan.epochs = std::clamp(affordable, std::int64_t{1}, most);
  plan.operations = an_epoch * static_cast<double>(plan.epochs);
  plan.learning_rate = fine_tuning_rate(base.model, plan.frontier, needs.views);
  return plan;
}

namespace {

/// As many of the taught photos as fit into memory at the frontier, twice for the mirrored ones.
data::Dataset taught_in_memory(const TrialGround& ground, const SymbolicTensor& frontier) {
  const auto bytes = static_cast<std::size_t>(frontier.shape.without_batch().count()) * sizeof(float);
  const std::size_t all = ground.options.cache_bytes / std::max<std::size_t>(bytes, 1);
  const std::size_t judged = ground.judged.size();
  const std::size_t fitting = all > judged ? (all - judged) / 2 : 0;
  return part_of(ground.taught, std::max(fitting, ground.run.photos.class_names.size()), ground.options.seed);
}

/// Taught and judged photos inside the network: the pooled last features, then, for fine-tuning, the
/// frontier.
struct Inside {
  HeadData head;
  Tensor taught, judged;
};

Inside compute_inside(const TrialGround& ground, const BaseModel& base, const data::Dataset& taught,
                      const std::optional<SymbolicTensor>& frontier) {
  Reporter& reporter = ground.run.reporter;
  const Model features =
      build_features(base, ground.run.result.image_size, {base.model.outputs().front()}, frontier);
  // What lies at a frontier is large and of no use to another run.
  const DiskCacheOptions nothing_kept{.use = false};
  const auto first =
      all_features({.model = features, .stage = "trial, photos", .mirrored = true, .cache = nothing_kept},
                   taught, reporter);
  const auto second = all_features(
      {.model = features, .stage = "trial, unseen photos", .cache = nothing_kept}, ground.judged, reporter);
  return {.head = {.train = first.front(),
                   .validation = second.front(),
                   .train_labels = taught.labels(),
                   .validation_labels = ground.judged.labels(),
                   .classes = ground.run.photos.class_names.size(),
                   .seed = ground.options.seed},
          .taught = first.back(),
          .judged = second.back()};
}

}  // namespace

TrialResult try_strategy(const TrialGround& ground, Strategy strategy) {
  const auto begin = std::chrono::steady_clock::now();
  set_random_seed(ground.options.seed);
  const BaseModel base = make_base(ground.options, ground.run.result.image_size);
  std::optional<FineTuningPlan> plan;
  std::optional<SymbolicTensor> frontier;
  data::Dataset taught = ground.taught;
  if (strategy != Strategy::freeze_base) {
    plan = plan_strategy(
        base, strategy,
        {.views = 2 * taught.size(), .operations = ground.operations, .most_epochs = ground.options.epochs});
    frontier = plan->frontier.tensor;
    taught = taught_in_memory(ground, *frontier);
  }
  const Inside inside = compute_inside(ground, base, taught, frontier);
  const HeadChoice head = choose_head(inside.head, ground.run.reporter, "trial, head");
  TrialResult result{.trial = {.strategy = strategy, .photos = taught.size(), .judged = ground.judged.size()},
                     .scores = head.on_validation};
  if (plan) {
    ClassifierGraph classifier = build_classifier(base, ground.run.result.image_size, inside.head.classes,
                                                  {base.model.outputs().front()});
    classifier.set_head(head.head);
    result.scores = TailFit(ground.run, base, *plan, classifier)
                        .fit({.train = inside.taught,
                              .validation = inside.judged,
                              .train_labels = inside.head.train_labels,
                              .validation_labels = inside.head.validation_labels});
    result.trial.first_layer = plan->frontier.first_layer;
    result.trial.learning_rate = plan->learning_rate;
    result.trial.epochs = plan->epochs;
  }
  result.trial.accuracy = 1 - mean(result.scores.wrong);
  result.trial.loss = mean(result.scores.losses);
  result.trial.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace graft::transfer
