// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "graft/tensor.hpp"

namespace graft::formats {

/// Whether these strides, in elements, mean C order without gaps.
[[nodiscard]] bool is_c_order(const std::vector<std::int64_t>& strides, const Shape& shape);

/// Fills `to` in C order with the elements at from[sum of index * stride]; strides count
/// elements, one an axis. The caller has checked that every such element is there.
void copy_strided(const void* from, const std::vector<std::int64_t>& strides, Tensor& to);

}  // namespace graft::formats
