// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/tensor/dtype.hpp"
#include "graft/tensor/shape.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// Dense array in C order (last axis fastest), 64-byte aligned.
/// Ownership: a handle to shared storage, like a numpy array: copying the handle shares the elements, clone()
/// copies them. Threads: several threads may read while none writes.
class Tensor {
 public:
  /// An empty tensor: no storage, shape (0,).
  Tensor() = default;
  /// Zero-filled. Throws Error{resource_limit} when there is not enough memory.
  explicit Tensor(Shape shape, DType dtype = DType::float32);

  [[nodiscard]] static Tensor full(Shape shape, float value);
  /// A copy of values in C order, of their element type. Throws Error{shape_mismatch} unless shape has as
  /// many elements as there are values.
  [[nodiscard]] static Tensor from(Shape shape, std::span<const float> values);
  [[nodiscard]] static Tensor from(Shape shape, std::span<const double> values);
  [[nodiscard]] static Tensor from(Shape shape, std::span<const std::uint8_t> values);
  [[nodiscard]] static Tensor from(Shape shape, std::span<const std::int32_t> values);
  [[nodiscard]] static Tensor from(Shape shape, std::span<const std::int64_t> values);
  /// A tensor over the caller's memory; keep_alive is held while any handle to it exists.
  [[nodiscard]] static Tensor view(Shape shape, DType dtype, void* data,
                                   std::shared_ptr<const void> keep_alive);

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] DType dtype() const { return dtype_; }
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::size_t size_bytes() const { return static_cast<std::size_t>(count_) * size_of(dtype_); }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// Whether another handle shares the storage.
  [[nodiscard]] bool is_shared() const { return data_.use_count() > 1; }

  [[nodiscard]] void* raw() { return data_.get(); }
  [[nodiscard]] const void* raw() const { return data_.get(); }

  /// Elements as T. Throws Error{shape_mismatch} when T is not the element type.
  template <typename T = float>
  [[nodiscard]] std::span<T> data() {
    check_dtype(DTypeOf<T>::value);
    return {static_cast<T*>(raw()), static_cast<std::size_t>(count_)};
  }
  template <typename T = float>
  [[nodiscard]] std::span<const T> data() const {
    check_dtype(DTypeOf<T>::value);
    return {static_cast<const T*>(raw()), static_cast<std::size_t>(count_)};
  }

  /// One element by its position, one index per axis: images.at(n, h, w, c), labels.at<std::int32_t>(n).
  /// Throws Error{invalid_argument} for another number of indices or one out of range, Error{shape_mismatch}
  /// when T is not the element type. For single elements; loops over many use data().
  template <typename T = float, std::integral... Indices>
  [[nodiscard]] T& at(Indices... indices) {
    return data<T>()[position_of({static_cast<std::int64_t>(indices)...})];
  }
  template <typename T = float, std::integral... Indices>
  [[nodiscard]] const T& at(Indices... indices) const {
    return data<T>()[position_of({static_cast<std::int64_t>(indices)...})];
  }

  /// The same elements with another shape of the same count. Throws Error{shape_mismatch}.
  [[nodiscard]] Tensor reshape(Shape shape) const;
  /// Rows [begin, end) of the first axis, sharing storage.
  [[nodiscard]] Tensor slice(std::int64_t begin, std::int64_t end) const;
  [[nodiscard]] Tensor clone() const;
  /// A copy converted to another element type; the same handle when it already has that type. Floating-point
  /// values are rounded to nearest even in the 16-bit formats; to an integer type they lose their fraction
  /// and are limited to its range (NaN: 0).
  [[nodiscard]] Tensor to(DType dtype) const;
  /// Copies the elements of another tensor of the same shape and type into this one's storage.
  void copy_from(const Tensor& other);

 private:
  void check_dtype(DType wanted) const;
  [[nodiscard]] std::size_t position_of(std::initializer_list<std::int64_t> indices) const;

  std::shared_ptr<void> data_;
  Shape shape_{0};
  DType dtype_ = DType::float32;
  std::int64_t count_ = 0;
};

/// Shape, type and elements for people: "float32 (2, 2)\n[[1, 2], [3, 4]]". Of an axis longer than 6 only the
/// first and last 3 elements are shown.
[[nodiscard]] std::string to_string(const Tensor& tensor);

/// 64-byte aligned, zero-filled memory. Throws Error{resource_limit}.
[[nodiscard]] std::shared_ptr<void> allocate_aligned(std::size_t bytes);

}  // namespace graft

#pragma GCC visibility pop
