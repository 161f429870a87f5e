// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "graft/classifier.hpp"
#include "graft/tensor.hpp"

namespace graft {
inline namespace inspect {

/// Fall of a class's probability when squares of the photo are covered: (H, W), see ExplainMethod::occlusion.
///   photo   float32 (H, W, C), at the classifier's image_size()
///   patch   side of the squares in pixels, 1 to the shorter side
[[nodiscard]] Tensor occlusion(const Classifier& classifier, const Tensor& photo, std::int64_t class_index,
                               std::int64_t patch);

}  // namespace inspect
}  // namespace graft
