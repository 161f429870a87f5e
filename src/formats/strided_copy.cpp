// SPDX-License-Identifier: Apache-2.0
#include "formats/strided_copy.hpp"

#include <cstring>

namespace graft::formats {
bool is_c_order(const std::vector<std::int64_t>& strides, const Shape& shape) {
  std::int64_t expected = 1;
  for (std::size_t axis = shape.rank(); axis-- > 0;) {
    const std::int64_t size = shape.sizes()[axis];
    if (size != 1 && strides[axis] != expected) return false;
    expected *= size;
  }
  return true;
}

void copy_strided(const void* from, const std::vector<std::int64_t>& strides, Tensor& to) {
  if (to.empty()) return;
  if (is_c_order(strides, to.shape())) {
    std::memcpy(to.raw(), from, to.size_bytes());
    return;
  }
  const std::vector<std::int64_t>& sizes = to.shape().sizes();
  const std::size_t bytes = size_of(to.dtype());
  const auto* source = static_cast<const char*>(from);
  auto* target = static_cast<char*>(to.raw());
  std::vector<std::int64_t> index(sizes.size(), 0);
  std::int64_t at = 0;
  for (std::int64_t i = 0; i < to.count(); ++i) {
    std::memcpy(target + (static_cast<std::size_t>(i) * bytes),
                source + (static_cast<std::size_t>(at) * bytes), bytes);
    // Counts the index up, the last axis fastest, and moves along.
    for (std::size_t axis = sizes.size(); axis-- > 0;) {
      at += strides[axis];
      if (++index[axis] < sizes[axis]) break;
      at -= strides[axis] * sizes[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace graft::formats
