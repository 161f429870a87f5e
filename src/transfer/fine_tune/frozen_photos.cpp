// SPDX-License-Identifier: Apache-2.0
#include "transfer/fine_tune/frozen_photos.hpp"

#include "graft/base/fail.hpp"

#include "transfer/base/classifier_graph.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/measure/objective.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

FeatureRequest request_for(const RunContext& run, const BaseModel& base, const FrozenRequest& wanted) {
  const Size2D size = run.image_size;
  return {.model = build_features(base, size, wanted.depths, wanted.frontier),
          .stage = wanted.stage,
          .views = wanted.views,
          .cache = wanted.cache,
          .label = feature_label(*base.application, size)};
}

FeatureRequest for_validation(FeatureRequest request) {
  request.stage += ", validation";
  request.views = 1;
  return request;
}

}  // namespace

FrozenPhotos::FrozenPhotos(const RunContext& run, const BaseModel& base, const TrainingPhotos& teaching,
                           const FrozenRequest& wanted)
    : run_(run),
      teaching_(teaching),
      depths_(wanted.depths.size()),
      train_(request_for(run, base, wanted), teaching.train.photos, run.reporter),
      validation_(for_validation(request_for(run, base, wanted)), teaching.validation, run.reporter) {}

std::vector<float> FrozenPhotos::photo_weights() const {
  std::vector<float> weights = teaching_.train.photos.weights();
  if (weights.empty()) return weights;
  double sum = 0;
  for (const float weight : weights) sum += static_cast<double>(weight);
  if (!(sum > 0)) fail(ErrorKind::invalid_argument, "weight: all training photos have the weight 0");
  const auto scale = static_cast<float>(static_cast<double>(weights.size()) / sum);
  const std::vector<float> more = teaching_.validation.weights();
  weights.insert(weights.end(), more.begin(), more.end());
  weights.resize(teaching_.train.photos.size() + teaching_.validation.size(), 1 / scale);
  for (float& weight : weights) weight *= scale;
  return weights;
}

Tensor FrozenPhotos::take(Features& features, std::size_t output) {
  Tensor values = features.take(output);
  if (run_.reporter.stopped()) fail(ErrorKind::interrupted, "stopped before there was anything to keep");
  return values;
}

std::vector<HeadData> FrozenPhotos::at_depths() {
  std::vector<HeadData> all;
  const std::vector<int> labels = teaching_.train.photos.labels();
  const std::size_t classes = run_.photos.class_names.size();
  for (std::size_t i = 0; i < depths_; ++i) {
    const Tensor train = take(train_, i);
    all.push_back({.train = train,
                   .validation = take(validation_, i),
                   .train_labels = labels,
                   .validation_labels = teaching_.validation.labels(),
                   .classes = classes,
                   .seed = run_.options.seed,
                   .groups = teaching_.train.groups,
                   .class_weights = weights_of_classes(run_.options, labels, run_.photos.class_names),
                   .photo_weights = photo_weights()});
  }
  return all;
}

TailData FrozenPhotos::at_frontier(bool all_views, const TailGoal& goal) {
  const Tensor train = take(train_, depths_);
  const auto photos = static_cast<std::int64_t>(teaching_.train.photos.size());
  return {.train = all_views ? train : train.slice(0, photos),
          .validation = take(validation_, depths_),
          .train_truth = goal.truth(teaching_.train.photos, run_.photos.class_names.size()),
          .validation_truth = goal.truth(teaching_.validation, run_.photos.class_names.size()),
          .photo_weights = photo_weights()};
}

}  // namespace graft::transfer
