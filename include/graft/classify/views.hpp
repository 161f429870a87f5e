// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/classify/classifier.hpp"

#pragma GCC visibility push(default)

namespace graft::classify {

inline constexpr int kMostViews = 12;

/// Test-time augmentation: the mean of a photo's probabilities over `views` views of it. The views: as it is,
/// mirrored; then the middle and the four corners (7/8 of height and width, enlarged to full size), each as
/// it is and mirrored. Returns probabilities (N, classes) in the data set's own order. Throws
/// Error{invalid_argument} unless views is 1 to kMostViews.
[[nodiscard]] Tensor averaged_probabilities(const Classifier& classifier, const data::Dataset& photos,
                                            int views);
/// The same for one batch (N, H, W, C), raw 0..255, at the classifier's image_size().
[[nodiscard]] Tensor averaged_probabilities(const Classifier& classifier, const Tensor& batch, int views);

/// View number `view` of a batch of photos float32 (N, H, W, C): (N, H, W, C).
[[nodiscard]] Tensor view_of(const Tensor& photos, int view);

/// Throws Error{invalid_argument} unless views is 1 to kMostViews.
void check_views(int views);

}  // namespace graft::classify

#pragma GCC visibility pop
