// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "graft/tensor/tensor.hpp"

namespace graft::formats {

/// Do these strides, in elements, lay the shape out in C order without gaps?
[[nodiscard]] bool is_c_order(const std::vector<std::int64_t>& strides, const Shape& shape);

/// Fills to in C order with elements that lie in memory at from[sum of index * stride]; strides count
/// elements, one an axis. The caller has checked that every such element is there.
void copy_strided(const void* from, const std::vector<std::int64_t>& strides, Tensor& to);

}  // namespace graft::formats
