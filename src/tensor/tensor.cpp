// SPDX-License-Identifier: Apache-2.0
#include "graft/tensor/tensor.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <sys/mman.h>

#include "graft/base/error.hpp"

namespace graft {
namespace {

constexpr std::size_t kAlignment = 64;
// From this size on memory comes from the system and goes back to it at once. The C library would keep what
// large tensors leave, in pieces: a batch of photos made and freed in each step then takes three times its
// size.
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

template <typename T>
void convert_into(const Tensor& from, Tensor& to) {
  T* out = static_cast<T*>(to.raw());
  for_each_value(from, [out](std::size_t i, auto value) { out[i] = static_cast<T>(value); });
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
  Tensor result(std::move(shape));
  if (static_cast<std::size_t>(result.count()) != values.size()) {
    fail(ErrorKind::shape_mismatch, "shape ", result.shape(), " needs ", result.count(), " values, received ",
         values.size());
  }
  std::ranges::copy(values, result.data<float>().begin());
  return result;
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
    case DType::bfloat16: {
      auto* out = static_cast<std::uint16_t*>(result.raw());
      for_each_value(*this,
                     [out](std::size_t i, auto value) { out[i] = to_bfloat16(static_cast<float>(value)); });
      break;
    }
    default:
      fail(ErrorKind::unsupported, "converting tensors to ", to_string(dtype), " is not supported");
  }
  return result;
}

void Tensor::copy_from(const Tensor& other) {
  if (other.shape_ != shape_ || other.dtype_ != dtype_) {
    fail(ErrorKind::shape_mismatch, "cannot copy a ", to_string(other.dtype_), " tensor ", other.shape_,
         " into a ", to_string(dtype_), " tensor ", shape_);
  }
  if (count_ > 0) std::memcpy(raw(), other.raw(), size_bytes());
}

}  // namespace graft
