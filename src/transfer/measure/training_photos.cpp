// SPDX-License-Identifier: Apache-2.0
#include "transfer/measure/training_photos.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/neighbours.hpp"
#include "graft/models/pooled_features.hpp"

#include "transfer/features/features.hpp"
#include "transfer/features/rows.hpp"

namespace graft::transfer {
namespace {

/// Evenly spread numbers below `of`, at most `most`.
std::vector<std::size_t> spread(std::size_t of, std::size_t most) {
  const std::size_t count = std::min(of, most);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(i * of / count);
  return chosen;
}

data::Dataset subset_of(const data::Dataset& photos, const std::vector<std::size_t>& chosen) {
  data::DatasetOptions options = photos.options();
  options.shuffle = false;
  return photos.subset(chosen, options);
}

/// Joins what is not empty.
Tensor stacked(const Tensor& a, const Tensor& b) {
  if (a.empty()) return b;
  return b.empty() ? a : stack(a, b);
}

/// Of each row from the others, as training_distances() has it for other rows.
std::vector<double> distances_among(const Tensor& rows) {
  std::vector<double> distances;
  for (const auto& nearest :
       classify::nearest_rows(rows, rows, {.count = kTrainingNeighbours, .same_rows = true})) {
    double sum = 0;
    for (const classify::Neighbour& one : nearest) sum += one.distance;
    distances.push_back(nearest.empty() ? 0 : sum / static_cast<double>(nearest.size()));
  }
  return distances;
}

/// Rows of several data sets one after the other, thinned out evenly; nothing of photos that have no class.
FeatureSample sample_of(const std::vector<std::pair<const data::Dataset*, const Tensor*>>& parts) {
  std::size_t all = 0;
  for (const auto& [photos, rows] : parts) all += rows->empty() ? 0 : photos->size();
  const std::size_t count = std::min(all, kMostSampledFeatures);
  FeatureSample sample;
  std::vector<Tensor> chosen;
  std::size_t before = 0;
  for (const auto& [photos, rows] : parts) {
    if (rows->empty()) continue;
    const std::vector<std::filesystem::path> files = photos->file_paths();
    const std::vector<int> labels = photos->labels();
    if (labels.size() != files.size()) return {};
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (sample.files.size() * all / count != before + i) continue;
      sample.files.push_back(std::filesystem::absolute(files[i]).lexically_normal());
      sample.labels.push_back(labels[i]);
      const auto at = static_cast<std::int64_t>(i);
      chosen.push_back(rows->slice(at, at + 1));
    }
    before += files.size();
  }
  if (chosen.empty()) return sample;
  sample.rows = Tensor({static_cast<std::int64_t>(chosen.size()), chosen.front().shape()[1]});
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    sample.rows.slice(at, at + 1).copy_from(chosen[i]);
  }
  return sample;
}

void add_distances(const data::Dataset& photos, const std::vector<double>& values,
                   std::vector<PhotoDistance>& all) {
  const std::vector<std::filesystem::path> files = photos.file_paths();
  for (std::size_t i = 0; i < std::min(files.size(), values.size()); ++i)
    all.push_back({.file = std::filesystem::absolute(files[i]).lexically_normal(), .distance = values[i]});
}

}  // namespace

ComparedPhotos features_of_training(const Model& model, const Photos& photos, const PooledFeatures& known,
                                    Reporter& reporter) {
  const std::size_t others = photos.validation.size() + photos.test.size();
  if (others < kFewestHeldOut || photos.train.size() == 0) {
    reporter.note(cat("photos unlike the training photos will not be recognised: that needs ", kFewestHeldOut,
                      " validation and test photos, there are ", others));
    return {};
  }
  const Model features = models::pooled_features(model);
  const auto compute = [&](const data::Dataset& part) {
    if (part.size() == 0 || reporter.stopped()) return Tensor();
    return Features({.model = features,
                     .stage = "training photos",
                     .cache = photos.cache,
                     .label = cat("features of ", model.name())},
                    part, reporter)
        .take(0);
  };
  const std::vector<std::size_t> chosen = spread(photos.train.size(), kMostTrainingRows);
  const data::Dataset some = subset_of(photos.train, chosen);
  const Tensor train = known.train.empty() ? compute(some) : take_rows(known.train, chosen);
  const Tensor validation = known.validation.empty() ? compute(photos.validation) : known.validation;
  Tensor test = known.test;
  if (test.empty()) {
    const ExecutionScope as_saved({.dtype_policy = DTypePolicy::float32});
    test = compute(photos.test);
  }
  const Tensor held_out = stacked(validation, test);
  if (reporter.stopped() || train.empty() || held_out.empty()) return {};
  // The held-out rows are those of the validation photos, then those of the test photos.
  TrainingFeatures rows = training_rows(train);
  const std::vector<double> others_distances = training_distances(rows, held_out);
  auto kept = std::make_shared<TrainingFeatures>(with_limit(std::move(rows), others_distances));
  reporter.note(cat("photos are unlike the training photos from a distance of ", kept->limit, " on; at most ",
                    percent(kept->false_alarms), " of photos like them are as far (from ",
                    kept->held_out.size(), " validation and test photos)"));
  ComparedPhotos compared{
      .known = kept,
      .distances = {},
      .sample = sample_of({{&some, &train}, {&photos.validation, &validation}, {&photos.test, &test}})};
  add_distances(some, distances_among(kept->rows), compared.distances);
  const auto first = static_cast<std::ptrdiff_t>(photos.validation.size());
  add_distances(photos.validation, {others_distances.begin(), others_distances.begin() + first},
                compared.distances);
  add_distances(photos.test, {others_distances.begin() + first, others_distances.end()}, compared.distances);
  return compared;
}

}  // namespace graft::transfer
