// SPDX-License-Identifier: Apache-2.0
// A trained model on the test photos.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graft/dataset.hpp"
#include "graft/disk_cache.hpp"
#include "graft/evaluation.hpp"
#include "graft/model.hpp"
#include "graft/train.hpp"

#include "transfer/load/photos.hpp"

namespace graft {
namespace cluster {
class Communicator;
}
inline namespace transfer {

/// Which class each row of a model's output names: the larger output, or for one output whether it is above
/// the threshold: 0 for a logit, 0.5 for a probability.
[[nodiscard]] std::vector<int> predicted_classes(const Tensor& output, float threshold = 0);
/// The threshold for a model's one output. output: as in its metadata.
[[nodiscard]] float threshold_of(std::string_view output);

/// Scores of a model on the test photos.
struct TestScore {
  double accuracy = 0;                               ///< fraction of 1
  Interval interval;                                 ///< 95 % confidence interval of accuracy
  std::vector<std::vector<std::int64_t>> confusion;  ///< [true class][predicted class]
};
/// Scores of a model's output for the test photos. output: what it is, as in its metadata.
[[nodiscard]] TestScore score_test(const Tensor& values, std::string_view output, const Photos& photos);

/// The share of the variance that figures say is explained, R2, at least 0: the mean over the numbers. 0
/// where it is not known.
[[nodiscard]] double share_explained(const std::vector<NumberFigures>& figures);

/// What a model returns for photos.
struct Predicted {
  Tensor output;
  Tensor
      features{};  ///< what models::pooled_features(model) returns for them, where it was a step on the way
};
/// Where a model ends in a Dense layer, its features are kept for the next run, as far as cache is used;
/// label: what `graft cache` calls them. ranks: share the photos; null: this process alone.
[[nodiscard]] Predicted predict_with_features(Model model, const data::Dataset& photos,
                                              const DiskCacheOptions& cache, const std::string& label,
                                              cluster::Communicator* ranks);
/// Its output alone.
[[nodiscard]] Tensor predict_photos(Model model, const data::Dataset& photos, const DiskCacheOptions& cache,
                                    const std::string& label, cluster::Communicator* ranks);

}  // namespace transfer
}  // namespace graft
