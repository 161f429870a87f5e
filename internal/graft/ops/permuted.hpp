// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "graft/tensor.hpp"

namespace graft::ops {

/// The elements in another order of axes: axis i of the result is axes[i] of the tensor. float32.
[[nodiscard]] Tensor permuted(const Tensor& tensor, const std::vector<int>& axes);

}  // namespace graft::ops
