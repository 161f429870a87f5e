// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/tensor.hpp"

namespace graft::formats {

/// A tensor and its name in a file: "block1_conv1/kernel:0", "layers/conv2d/vars/0",
/// "features.0.weight". Axes and element type are the file's; nothing is transposed or converted.
struct NamedTensor {
  std::string path;
  Tensor tensor;
};

/// In the file's order.
using NamedTensors = std::vector<NamedTensor>;

}  // namespace graft::formats
