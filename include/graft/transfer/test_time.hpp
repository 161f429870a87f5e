// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/transfer/classifier.hpp"

namespace graft::transfer {

inline constexpr int kMostViews = 12;

/// Test-time augmentation: a photo's probabilities, averaged over so many views of it: as it is, mirrored,
/// then the middle, the four corners (7/8 of height and width, brought back to full size), each as it is and
/// mirrored. Gives probabilities (N, classes) in the data set's own order. Throws Error{invalid_argument}
/// unless views is 1 to kMostViews.
[[nodiscard]] Tensor averaged_probabilities(const Classifier& classifier, const data::Dataset& photos,
                                            int views);

/// Number view of a batch of photos float32 (N, H, W, C): (N, H, W, C).
[[nodiscard]] Tensor view_of(const Tensor& photos, int view);

}  // namespace graft::transfer
