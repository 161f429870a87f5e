// SPDX-License-Identifier: Apache-2.0
#include "graft/tensor.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <type_traits>

#include <sys/mman.h>

#include "graft/base/fail.hpp"

namespace graft {
namespace {

constexpr std::size_t kAlignment = 64;
// Blocks of at least this size are mapped, so that freed memory returns to the system at once. The C library
// would keep freed blocks in pieces: a batch of photos allocated and freed in each step would then use three
// times its size.
constexpr std::size_t kMapped = std::size_t{1} << 20;

/// Calls visit(element as double-convertible value, index) for every element of any type.
template <typename Visit>
void for_each_value(const Tensor& tensor, const Visit& visit) {
  const auto n = static_cast<std::size_t>(tensor.count());
  const auto each = [&](const auto* elements, const auto& convert) {
    for (std::size_t i = 0; i < n; ++i) visit(i, convert(elements[i]));
  };
  const auto plain = [](auto value) { return value; };
  const void* raw = tensor.raw();
  switch (tensor.dtype()) {
    case DType::float32:
      return each(static_cast<const float*>(raw), plain);
    case DType::float64:
      return each(static_cast<const double*>(raw), plain);
    case DType::float16:
      return each(static_cast<const std::uint16_t*>(raw), from_float16);
    case DType::bfloat16:
      return each(static_cast<const std::uint16_t*>(raw), from_bfloat16);
    case DType::int8:
      return each(static_cast<const std::int8_t*>(raw), plain);
    case DType::int16:
      return each(static_cast<const std::int16_t*>(raw), plain);
    case DType::int32:
      return each(static_cast<const std::int32_t*>(raw), plain);
    case DType::int64:
      return each(static_cast<const std::int64_t*>(raw), plain);
    case DType::uint8:
    case DType::boolean:
      return each(static_cast<const std::uint8_t*>(raw), plain);
  }
}

/// One value as T: floating-point values are limited to the range of an integer type.
template <typename T, typename Value>
T converted(Value value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value != 0;
  } else if constexpr (std::is_floating_point_v<Value> && std::is_integral_v<T>) {
    using Limits = std::numeric_limits<T>;
    if (std::isnan(value)) return 0;
    if (value <= static_cast<Value>(Limits::min())) return Limits::min();
    if (value >= static_cast<Value>(Limits::max())) return Limits::max();
  }
  return static_cast<T>(value);
}

template <typename T>
void convert_into(const Tensor& from, Tensor& to) {
  T* out = static_cast<T*>(to.raw());
  for_each_value(from, [out](std::size_t i, auto value) { out[i] = converted<T>(value); });
}

/// The same for a 16-bit floating-point format, by the function that makes its bits.
template <typename ToBits>
void convert_into_bits(const Tensor& from, Tensor& to, const ToBits& to_bits) {
  auto* out = static_cast<std::uint16_t*>(to.raw());
  for_each_value(from, [&](std::size_t i, auto value) { out[i] = to_bits(static_cast<float>(value)); });
}

template <typename T>
Tensor tensor_from(Shape shape, std::span<const T> values) {
  Tensor result(std::move(shape), DTypeOf<T>::value);
  if (static_cast<std::size_t>(result.count()) != values.size()) {
    fail(ErrorKind::shape_mismatch, "shape ", result.shape(), " needs ", result.count(), " values, received ",
         values.size());
  }
  std::ranges::copy(values, result.data<T>().begin());
  return result;
}

/// Appends the sub-array of float64 `values` that starts at `begin` and spans the axes from `axis` on; moves
/// begin to its end.
void append_axis(std::string& text, const Tensor& values, std::size_t axis, std::int64_t& begin) {
  constexpr std::int64_t kShown = 3;  // at each end of a long axis
  if (axis == values.shape().rank()) {
    text += cat(values.data<double>()[static_cast<std::size_t>(begin++)]);
    return;
  }
  const std::int64_t size = values.shape().sizes()[axis];
  std::int64_t stride = 1;
  for (std::size_t inner = axis + 1; inner < values.shape().rank(); ++inner)
    stride *= values.shape().sizes()[inner];
  text += '[';
  for (std::int64_t i = 0; i < size; ++i) {
    if (i > 0) text += ", ";
    if (size > 2 * kShown && i == kShown) {
      text += "..., ";
      begin += stride * (size - 2 * kShown);
      i = size - kShown;
    }
    append_axis(text, values, axis + 1, begin);
  }
  text += ']';
}

}  // namespace

std::shared_ptr<void> allocate_aligned(std::size_t bytes) {
  const std::size_t rounded = (std::max<std::size_t>(bytes, 1) + kAlignment - 1) / kAlignment * kAlignment;
  if (rounded >= kMapped) {
    void* memory = ::mmap(nullptr, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail(ErrorKind::resource_limit, "cannot get ", bytes, " bytes of memory");
    return {memory, [rounded](void* pointer) { ::munmap(pointer, rounded); }};
  }
  void* memory = rounded < bytes ? nullptr : std::aligned_alloc(kAlignment, rounded);
  if (memory == nullptr) fail(ErrorKind::resource_limit, "cannot get ", bytes, " bytes of memory");
  std::memset(memory, 0, rounded);
  return {memory, [](void* pointer) { std::free(pointer); }};
}

Tensor::Tensor(Shape shape, DType dtype) : shape_(std::move(shape)), dtype_(dtype), count_(shape_.count()) {
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(count_, static_cast<std::int64_t>(size_of(dtype)), &bytes)) {
    fail(ErrorKind::resource_limit, "a tensor of shape ", shape_, " does not fit into memory");
  }
  data_ = allocate_aligned(static_cast<std::size_t>(bytes));
}

Tensor Tensor::full(Shape shape, float value) {
  Tensor result(std::move(shape));
  std::ranges::fill(result.data<float>(), value);
  return result;
}

Tensor Tensor::from(Shape shape, std::span<const float> values) {
  return tensor_from(std::move(shape), values);
}
Tensor Tensor::from(Shape shape, std::span<const double> values) {
  return tensor_from(std::move(shape), values);
}
Tensor Tensor::from(Shape shape, std::span<const std::uint8_t> values) {
  return tensor_from(std::move(shape), values);
}
Tensor Tensor::from(Shape shape, std::span<const std::int32_t> values) {
  return tensor_from(std::move(shape), values);
}
Tensor Tensor::from(Shape shape, std::span<const std::int64_t> values) {
  return tensor_from(std::move(shape), values);
}

Tensor Tensor::view(Shape shape, DType dtype, void* data, std::shared_ptr<const void> keep_alive) {
  Tensor result;
  result.count_ = shape.count();
  result.shape_ = std::move(shape);
  result.dtype_ = dtype;
  result.data_ = std::shared_ptr<void>(data, [owner = std::move(keep_alive)](void*) {});
  return result;
}

void Tensor::check_dtype(DType wanted) const {
  if (dtype_ != wanted) {
    fail(ErrorKind::shape_mismatch, "tensor ", shape_, ": expected elements of type ", to_string(wanted),
         ", it holds ", to_string(dtype_));
  }
}

std::size_t Tensor::position_of(std::initializer_list<std::int64_t> indices) const {
  if (indices.size() != shape_.rank()) {
    fail(ErrorKind::invalid_argument, "at: expected ", shape_.rank(), " indices for a tensor ", shape_,
         ", received ", indices.size());
  }
  std::int64_t position = 0;
  int axis = 0;
  for (const std::int64_t index : indices) {
    const std::int64_t size = shape_[axis];
    if (index < 0 || index >= size) {
      fail(ErrorKind::invalid_argument, "at: expected 0 to ", size - 1, " for axis ", axis, " of a tensor ",
           shape_, ", received ", index);
    }
    position = position * size + index;
    ++axis;
  }
  return static_cast<std::size_t>(position);
}

Tensor Tensor::reshape(Shape shape) const {
  if (shape.count() != count_) {
    fail(ErrorKind::shape_mismatch, "cannot reshape ", shape_, " with ", count_, " elements to ", shape);
  }
  Tensor result = *this;
  result.shape_ = std::move(shape);
  return result;
}

Tensor Tensor::slice(std::int64_t begin, std::int64_t end) const {
  if (shape_.rank() == 0 || begin < 0 || end < begin || end > shape_[0]) {
    fail(ErrorKind::invalid_argument, "rows ", begin, " to ", end, " of a tensor ", shape_, " do not exist");
  }
  Tensor result = *this;
  result.shape_.set(0, end - begin);
  result.count_ = result.shape_.count();
  const std::int64_t row = shape_[0] == 0 ? 0 : count_ / shape_[0];
  auto* start =
      static_cast<std::byte*>(data_.get()) + static_cast<std::size_t>(begin * row) * size_of(dtype_);
  result.data_ = std::shared_ptr<void>(data_, start);
  return result;
}

Tensor Tensor::clone() const {
  if (data_ == nullptr) return {};
  Tensor result(shape_, dtype_);
  std::memcpy(result.raw(), raw(), size_bytes());
  return result;
}

Tensor Tensor::to(DType dtype) const {
  if (dtype == dtype_) return *this;
  Tensor result(shape_, dtype);
  switch (dtype) {
    case DType::float32:
      convert_into<float>(*this, result);
      break;
    case DType::float64:
      convert_into<double>(*this, result);
      break;
    case DType::int32:
      convert_into<std::int32_t>(*this, result);
      break;
    case DType::int64:
      convert_into<std::int64_t>(*this, result);
      break;
    case DType::uint8:
      convert_into<std::uint8_t>(*this, result);
      break;
    case DType::int8:
      convert_into<std::int8_t>(*this, result);
      break;
    case DType::int16:
      convert_into<std::int16_t>(*this, result);
      break;
    case DType::boolean:
      convert_into<bool>(*this, result);
      break;
    case DType::bfloat16:
      convert_into_bits(*this, result, to_bfloat16);
      break;
    case DType::float16:
      convert_into_bits(*this, result, to_float16);
      break;
  }
  return result;
}

std::string to_string(const Tensor& tensor) {
  std::string text = cat(to_string(tensor.dtype()), " ", tensor.shape(), "\n");
  if (tensor.empty()) return text + "[]";
  std::int64_t begin = 0;
  append_axis(text, tensor.to(DType::float64), 0, begin);
  return text;
}

void Tensor::copy_from(const Tensor& other) {
  if (other.shape_ != shape_ || other.dtype_ != dtype_) {
    fail(ErrorKind::shape_mismatch, "cannot copy a ", to_string(other.dtype_), " tensor ", other.shape_,
         " into a ", to_string(dtype_), " tensor ", shape_);
  }
  if (count_ > 0) std::memcpy(raw(), other.raw(), size_bytes());
}

}  // namespace graft
