// SPDX-License-Identifier: Apache-2.0
// How blurred a grey picture is (Crete and others, "The blur effect", 2007; scikit-image's blur_effect).
#pragma once

#include <cstddef>
#include <vector>

namespace graft::data {

/// A grey picture (height, width), values 0 to 255.
struct Luma {
  std::size_t height = 0, width = 0;
  std::vector<float> values;
};

/// How much of the edges is left after a blur of 11 pixels: about 0 for a sharp picture, towards 1 for a
/// blurred one. Of the edges down and across the larger; 0 for a picture without edges, or smaller than the
/// window. Of a large picture every second row is enough.
[[nodiscard]] double blur_of(const Luma& grey);

}  // namespace graft::data
