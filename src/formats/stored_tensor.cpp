// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/stored_tensor.hpp"

#include <cstring>

#include "graft/base/fail.hpp"

namespace graft::formats {

Tensor StoredTensor::read() const {
  Tensor result(shape, dtype);
  if (!result.empty()) fetch(0, result);
  return result;
}

Tensor StoredTensor::read_rows(std::int64_t begin, std::int64_t end) const {
  if (shape.rank() == 0 || begin < 0 || begin > end || end > shape.sizes().front()) {
    fail(ErrorKind::invalid_argument, "tensor '", path, "' of shape ", shape, " has no rows ", begin, " to ",
         end);
  }
  Shape part = shape;
  part.set(0, end - begin);
  Tensor result(part, dtype);
  if (!result.empty()) fetch(begin, result);
  return result;
}

StoredTensor stored(const NamedTensor& tensor) {
  const auto fetch = [held = tensor.tensor](std::int64_t begin, Tensor& rows) {
    const std::size_t row_bytes =
        held.shape().rank() == 0 ? held.size_bytes()
                                 : held.size_bytes() / static_cast<std::size_t>(held.shape().sizes().front());
    std::memcpy(rows.raw(),
                static_cast<const char*>(held.raw()) + (static_cast<std::size_t>(begin) * row_bytes),
                rows.size_bytes());
  };
  return {
      .path = tensor.path, .shape = tensor.tensor.shape(), .dtype = tensor.tensor.dtype(), .fetch = fetch};
}

NamedTensors read_all(const StoredTensors& tensors) {
  NamedTensors result;
  result.reserve(tensors.size());
  for (const StoredTensor& tensor : tensors) result.push_back({tensor.path, tensor.read()});
  return result;
}

}  // namespace graft::formats
