// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "graft/tensor.hpp"

namespace graft {
class Tensor;
}

namespace graft::kernels {

/// The element type that a C++ type stands for in a kernel's arguments. bfloat16 elements are their 16 bits.
template <typename T>
inline constexpr DType kElementType = DTypeOf<T>::value;
template <>
inline constexpr DType kElementType<std::uint16_t> = DType::bfloat16;
template <>
inline constexpr DType kElementType<std::int8_t> = DType::int8;

/// Throws Error{internal}: an argument has another element type than the kernel reads or writes.
[[noreturn]] void fail_element_type(DType expected, DType received);

/// The elements of a kernel's argument, dense and in the order of its shape. Owns nothing. An absent argument
/// has no data.
struct View {
  const std::byte* data = nullptr;
  DType dtype = DType::float32;

  /// The elements as T: float, std::uint16_t (bfloat16), std::uint8_t or std::int8_t; null where absent.
  /// Throws Error{internal} where dtype is another type, in release builds too.
  template <typename T>
  [[nodiscard]] const T* as() const {
    if (data != nullptr && dtype != kElementType<T>) fail_element_type(kElementType<T>, dtype);
    return reinterpret_cast<const T*>(data);
  }
};

/// The same for an output.
struct MutableView {
  std::byte* data = nullptr;
  DType dtype = DType::float32;

  template <typename T>
  [[nodiscard]] T* as() const {
    if (data != nullptr && dtype != kElementType<T>) fail_element_type(kElementType<T>, dtype);
    return reinterpret_cast<T*>(data);
  }
  // NOLINTNEXTLINE(google-explicit-constructor): what can be written can be read
  [[nodiscard]] operator View() const { return {data, dtype}; }
};

/// A tensor's elements; the tensor must outlive the view.
[[nodiscard]] View view_of(const Tensor& tensor);
[[nodiscard]] MutableView view_of(Tensor& tensor);

}  // namespace graft::kernels
