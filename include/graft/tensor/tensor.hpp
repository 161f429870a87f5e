// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "graft/tensor/dtype.hpp"
#include "graft/tensor/shape.hpp"

namespace graft {

/// Dense array in C order (last axis fastest), 64-byte aligned.
/// Ownership: a handle on shared storage, like a numpy array: copying the handle shares the elements, clone()
/// copies them. Threads: reading from several threads is safe while none writes.
class Tensor {
 public:
  /// An empty tensor: no storage, shape (0,).
  Tensor() = default;
  /// Zero-filled. Throws Error{resource_limit} when the memory cannot be had.
  explicit Tensor(Shape shape, DType dtype = DType::float32);

  [[nodiscard]] static Tensor full(Shape shape, float value);
  [[nodiscard]] static Tensor from(Shape shape, std::span<const float> values);
  /// A tensor over memory that somebody else owns; keep_alive is held as long as any handle on it lives.
  [[nodiscard]] static Tensor view(Shape shape, DType dtype, void* data,
                                   std::shared_ptr<const void> keep_alive);

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] DType dtype() const { return dtype_; }
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::size_t size_bytes() const { return static_cast<std::size_t>(count_) * size_of(dtype_); }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// Whether another handle holds the same storage.
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

  /// The same elements under another shape of the same count. Throws Error{shape_mismatch}.
  [[nodiscard]] Tensor reshape(Shape shape) const;
  /// Rows [begin, end) of the first axis, sharing storage.
  [[nodiscard]] Tensor slice(std::int64_t begin, std::int64_t end) const;
  [[nodiscard]] Tensor clone() const;
  /// A copy in another element type (values converted); the same handle when it is that type already.
  [[nodiscard]] Tensor to(DType dtype) const;
  /// Copies the elements of another tensor of the same shape and type into this one's storage.
  void copy_from(const Tensor& other);

 private:
  void check_dtype(DType wanted) const;

  std::shared_ptr<void> data_;
  Shape shape_{0};
  DType dtype_ = DType::float32;
  std::int64_t count_ = 0;
};

/// 64-byte aligned, zero-filled memory. Throws Error{resource_limit}.
[[nodiscard]] std::shared_ptr<void> allocate_aligned(std::size_t bytes);

}  // namespace graft
