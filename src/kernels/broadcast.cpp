// SPDX-License-Identifier: Apache-2.0
#include "kernels/broadcast.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"

namespace graft::kernels {

void check_broadcast(const Spec& spec, const Shape& x, const Shape& y) {
  bool fits = x.rank() == y.rank();
  for (std::size_t i = 0; fits && i < y.rank(); ++i) fits = x.sizes()[i] == y.sizes()[i] || x.sizes()[i] == 1;
  if (!fits) fail(ErrorKind::internal, ops::name_of(spec.params), ": ", x, " does not broadcast to ", y);
}

std::size_t broadcast_index(const Shape& y, const Shape& x, std::size_t i) {
  std::size_t index = 0;
  std::size_t stride = 1;
  for (std::size_t axis = y.rank(); axis-- > 0;) {
    const auto size = static_cast<std::size_t>(y.sizes()[axis]);
    if (x.sizes()[axis] != 1) index += i % size * stride;
    stride *= static_cast<std::size_t>(x.sizes()[axis]);
    i /= size;
  }
  return index;
}

Broadcast::Broadcast(const Shape& a_shape, const Shape& b_shape, const Shape& y) {
  std::size_t a_stride = 1;
  std::size_t b_stride = 1;
  // From the last axis on; the lists are reversed at the end.
  for (std::size_t axis = y.rank(); axis-- > 0;) {
    const auto size = static_cast<std::size_t>(y.sizes()[axis]);
    if (size == 1) continue;
    const std::size_t a_step = a_shape.sizes()[axis] == 1 ? 0 : a_stride;
    const std::size_t b_step = b_shape.sizes()[axis] == 1 ? 0 : b_stride;
    if (!sizes.empty() && (a.back() == 0) == (a_step == 0) && (b.back() == 0) == (b_step == 0)) {
      sizes.back() *= size;
    } else {
      sizes.push_back(size);
      a.push_back(a_step);
      b.push_back(b_step);
    }
    if (a_step != 0) a_stride *= size;
    if (b_step != 0) b_stride *= size;
  }
  while (sizes.size() < 2) {  // an axis of size 1 moves both, so that one element is never broadcast
    const bool first = sizes.empty();
    sizes.push_back(1);
    a.push_back(first ? 1 : a_stride);
    b.push_back(first ? 1 : b_stride);
  }
  std::ranges::reverse(sizes);
  std::ranges::reverse(a);
  std::ranges::reverse(b);
}

std::size_t Broadcast::outer() const {
  std::size_t count = 1;
  for (std::size_t i = 0; i + 2 < sizes.size(); ++i) count *= sizes[i];
  return count;
}

std::size_t Broadcast::offset(const std::vector<std::size_t>& strides, std::size_t outer_index) const {
  std::size_t result = 0;
  for (std::size_t i = sizes.size() - 2; i-- > 0;) {
    result += outer_index % sizes[i] * strides[i];
    outer_index /= sizes[i];
  }
  return result;
}

}  // namespace graft::kernels
