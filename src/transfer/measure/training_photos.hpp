// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "graft/familiarity.hpp"
#include "graft/model.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// What the model file keeps of its training photos: their features in the trained model, and the distances
/// of the validation and test photos. Null, with a note, where these are too few; null when a stop was
/// requested.
[[nodiscard]] std::shared_ptr<const TrainingFeatures> features_of_training(const Model& model,
                                                                           const Photos& photos,
                                                                           Reporter& reporter);

}  // namespace transfer
}  // namespace graft
