// SPDX-License-Identifier: Apache-2.0
#include "transfer/frozen/frozen_head.hpp"

#include <algorithm>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/pretrained.hpp"

#include "transfer/base/classifier_graph.hpp"
#include "transfer/context/networks.hpp"
#include "transfer/features/features.hpp"

namespace graft::transfer {

TrainOptions with_named_network(const TrainOptions& given, const std::string& kind, Reporter& reporter) {
  TrainOptions options = given;
  options.checkpoint.clear();
  options.early_model.clear();
  if (options.model != kAutomaticModel) return options;
  options.model = classify::applications_here().front()->name;
  reporter.note(cat("model auto: ", options.model, ", the one with the best published accuracy; with ", kind,
                    " networks are not compared"));
  return options;
}

Tensor frozen_features(const RunContext& run, const BaseModel& base, const data::Dataset& photos,
                       const std::string& stage, int views) {
  data::DatasetOptions in_order = photos.options();
  in_order.shuffle = false;
  Features features(
      {.model = build_features(base, run.image_size, {base.model.outputs().front()}, std::nullopt),
       .stage = stage,
       .views = views,
       .cache = run.options.disk_cache,
       .label = feature_label(*base.application, run.image_size)},
      photos.with_options(in_order), run.reporter);
  Tensor values = features.take(0);
  if (run.reporter.stopped()) fail(ErrorKind::interrupted, "stopped before there was anything to keep");
  return values;
}

std::vector<float> head_weights(const Photos& photos) {
  std::vector<float> weights = photos.train.weights();
  if (weights.empty()) return weights;
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(sum > 0)) fail(ErrorKind::invalid_argument, "weight: all training photos have the weight 0");
  const auto mean = static_cast<float>(sum / static_cast<double>(weights.size()));
  const std::vector<float> more = photos.validation.weights();
  weights.insert(weights.end(), more.begin(), more.end());
  weights.resize(photos.train.size() + photos.validation.size(), mean);
  for (float& weight : weights) weight /= mean;
  return weights;
}

OrderedAnswers order_answers(const Photos& photos, const HeadAnswers& heads, const Tensor& test) {
  OrderedAnswers ordered;
  PhotoAnswers& answers = ordered.answers;
  std::vector<std::size_t> order(heads.answered.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return heads.answered[i]; });
  const std::vector<std::filesystem::path> train = photos.train.file_paths(),
                                           validation = photos.validation.file_paths(),
                                           tested = photos.test.file_paths();
  answers.probabilities =
      Tensor({static_cast<std::int64_t>(order.size() + photos.test.size()), test.shape()[1]});
  std::int64_t row = 0;
  const auto add = [&](const std::filesystem::path& file, Part part, std::size_t photo,
                       const Tensor& values) {
    answers.files.push_back(std::filesystem::absolute(file).lexically_normal());
    answers.parts.push_back(part);
    answers.by_model.push_back(part == Part::test);
    ordered.places.emplace_back(part, photo);
    answers.probabilities.slice(row, row + 1).copy_from(values);
    ++row;
  };
  for (const std::size_t i : order) {
    const auto at = static_cast<std::int64_t>(i);
    const bool trains = heads.answered[i] < train.size();
    const std::size_t photo = trains ? heads.answered[i] : heads.answered[i] - train.size();
    add(trains ? train[photo] : validation[photo], trains ? Part::train : Part::validation, photo,
        heads.values.slice(at, at + 1));
    answers.folds.push_back(heads.folds[i]);
  }
  for (std::size_t i = 0; i < tested.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    add(tested[i], Part::test, i, test.slice(at, at + 1));
    answers.folds.push_back(0);
  }
  return ordered;
}

}  // namespace graft::transfer
