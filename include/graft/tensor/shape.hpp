// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <vector>

#pragma GCC visibility push(default)

namespace graft {

/// Sizes of a tensor's axes, outermost first: (N, H, W, C) for images. A size of -1 is open (Keras's None).
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> sizes) : sizes_(sizes) {}
  explicit Shape(std::vector<std::int64_t> sizes) : sizes_(std::move(sizes)) {}

  [[nodiscard]] std::size_t rank() const { return sizes_.size(); }
  /// Size of an axis; negative axes count from the last. Throws Error{invalid_argument} outside the rank.
  [[nodiscard]] std::int64_t operator[](int axis) const;
  void set(int axis, std::int64_t size);
  /// Product of all sizes; 1 for a scalar. Throws Error{shape_mismatch} if a size is open,
  /// Error{resource_limit} if the product does not fit into 63 bits.
  [[nodiscard]] std::int64_t count() const;
  [[nodiscard]] bool is_open() const;
  [[nodiscard]] const std::vector<std::int64_t>& sizes() const { return sizes_; }
  /// This shape with one more axis in front: (H, W, C) -> (n, H, W, C).
  [[nodiscard]] Shape with_batch(std::int64_t n) const;
  /// This shape without its first axis.
  [[nodiscard]] Shape without_batch() const;
  /// As Keras prints it: (None, 7, 7, 512), (10,).
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<std::int64_t> sizes_;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape);

}  // namespace graft

#pragma GCC visibility pop
