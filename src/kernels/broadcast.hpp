// SPDX-License-Identifier: Apache-2.0
// Arrays of equal rank, where an axis of size 1 is repeated along an axis of any size.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/arguments.hpp"

namespace graft::kernels {

/// Throws Error{internal} naming the op unless x has y's rank and along each axis y's size or 1.
void check_broadcast(const Spec& spec, const Shape& x, const Shape& y);

/// The index in an array of shape x of the element for element i of an array of shape y.
[[nodiscard]] std::size_t broadcast_index(const Shape& y, const Shape& x, std::size_t i);

/// The axes of y, merged: neighbouring axes along which each of a and b is either repeated or not are one
/// axis. Strides count elements; 0 where the array is repeated.
struct Broadcast {
  std::vector<std::size_t> sizes, a, b;  // at least two axes

  Broadcast(const Shape& a_shape, const Shape& b_shape, const Shape& y);
  /// The last axis is the width, the one before it the rows; the others together are `outer`.
  [[nodiscard]] std::size_t width() const { return sizes.back(); }
  [[nodiscard]] std::size_t rows() const { return sizes[sizes.size() - 2]; }
  [[nodiscard]] std::size_t outer() const;
  /// Offset of an array with these strides at an outer index.
  [[nodiscard]] std::size_t offset(const std::vector<std::size_t>& strides, std::size_t outer_index) const;
};

}  // namespace graft::kernels
