// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ostream>

#include "graft/base/fail.hpp"
#include "graft/tensor.hpp"

namespace graft {
namespace {

std::size_t resolve(int axis, std::size_t rank) {
  const auto signed_rank = static_cast<int>(rank);
  const int resolved = axis < 0 ? axis + signed_rank : axis;
  if (resolved < 0 || resolved >= signed_rank) {
    fail(ErrorKind::invalid_argument, "axis ", axis, " of a shape of rank ", rank, " does not exist");
  }
  return static_cast<std::size_t>(resolved);
}

}  // namespace

std::int64_t Shape::operator[](int axis) const { return sizes_[resolve(axis, rank())]; }

void Shape::set(int axis, std::int64_t size) { sizes_[resolve(axis, rank())] = size; }

std::int64_t Shape::count() const {
  std::int64_t product = 1;
  for (const std::int64_t size : sizes_) {
    if (size < 0)
      fail(ErrorKind::shape_mismatch, "shape ", to_string(), " has an open axis: its size is not known yet");
    if (__builtin_mul_overflow(product, size, &product)) {
      fail(ErrorKind::resource_limit, "shape ", to_string(), " has too many elements");
    }
  }
  return product;
}

bool Shape::is_open() const {
  return std::any_of(sizes_.begin(), sizes_.end(), [](std::int64_t size) { return size < 0; });
}

Shape Shape::with_batch(std::int64_t n) const {
  std::vector<std::int64_t> sizes{n};
  sizes.insert(sizes.end(), sizes_.begin(), sizes_.end());
  return Shape(std::move(sizes));
}

Shape Shape::without_batch() const {
  if (sizes_.empty()) fail(ErrorKind::shape_mismatch, "a scalar has no batch axis to drop");
  return Shape(std::vector<std::int64_t>(sizes_.begin() + 1, sizes_.end()));
}

std::string Shape::to_string() const {
  std::string text = "(";
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    if (i > 0) text += ", ";
    text += sizes_[i] < 0 ? "None" : std::to_string(sizes_[i]);
  }
  if (sizes_.size() == 1) text += ",";
  return text + ")";
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.to_string(); }

}  // namespace graft
