// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "graft/evaluation.hpp"
#include "graft/model.hpp"
#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/measure/pooled_rows.hpp"

namespace graft {
inline namespace transfer {

/// The photos of a run by their features in the trained model.
struct ComparedPhotos {
  std::shared_ptr<const TrainingFeatures> known{};  ///< for the model file
  std::vector<PhotoDistance> distances{};           ///< of known's photos, the validation and the test photos
  FeatureSample sample{};                           ///< of some of these photos
};
/// What the model file keeps of its training photos, and how far the photos are from them. known: what is not
/// computed once more. Nothing, with a note, where the validation and test photos are too few; nothing when a
/// stop was requested.
[[nodiscard]] ComparedPhotos features_of_training(const Model& model, const Photos& photos,
                                                  const PooledFeatures& known, Reporter& reporter);

}  // namespace transfer
}  // namespace graft
