// SPDX-License-Identifier: Apache-2.0
// Mean and deviation of ImageNet's pixels from 0 to 1, by which most networks standardise theirs.
#pragma once

#include <array>
#include <cstddef>

#include "graft/tensor.hpp"

namespace graft::applications {

inline constexpr std::array<double, 3> kImagenetMean{0.485, 0.456, 0.406};
inline constexpr std::array<double, 3> kImagenetDeviation{0.229, 0.224, 0.225};

/// (3): the values, or their squares.
[[nodiscard]] inline Tensor per_channel(const std::array<double, 3>& values, bool squared) {
  Tensor tensor({3});
  for (std::size_t c = 0; c < values.size(); ++c)
    tensor.data()[c] = static_cast<float>(squared ? values[c] * values[c] : values[c]);
  return tensor;
}

}  // namespace graft::applications
