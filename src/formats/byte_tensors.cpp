// SPDX-License-Identifier: Apache-2.0
#include "formats/byte_tensors.hpp"

namespace graft::formats {

void normalise_booleans(Tensor& tensor) {
  if (tensor.dtype() != DType::boolean) return;
  auto* values = static_cast<std::uint8_t*>(tensor.raw());
  for (std::int64_t i = 0; i < tensor.count(); ++i) values[i] = values[i] != 0 ? 1 : 0;
}

std::uint64_t row_bytes(const Shape& shape, DType dtype) {
  std::uint64_t bytes = size_of(dtype);
  for (std::size_t axis = 1; axis < shape.rank(); ++axis)
    bytes *= static_cast<std::uint64_t>(shape.sizes()[axis]);
  return bytes;
}

StoredTensor tensor_at(const std::shared_ptr<const ByteSource>& source, std::uint64_t offset,
                       StoredTensor description) {
  const std::uint64_t row = row_bytes(description.shape, description.dtype);
  description.fetch = [source, offset, row](std::int64_t begin, Tensor& rows) {
    source->read(offset + (static_cast<std::uint64_t>(begin) * row),
                 {static_cast<char*>(rows.raw()), rows.size_bytes()});
    normalise_booleans(rows);
  };
  return description;
}

}  // namespace graft::formats
