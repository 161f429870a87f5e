// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "graft/formats/stored_tensor.hpp"

#include "formats/input_file.hpp"

namespace graft::formats {

/// A tensor whose elements are in C order in consecutive bytes of the source, from offset on. description:
/// path, shape and dtype. Booleans become 0 and 1 for any value in the file.
[[nodiscard]] StoredTensor tensor_at(const std::shared_ptr<const ByteSource>& source, std::uint64_t offset,
                                     StoredTensor description);

/// Every byte that is not 0 becomes 1, where the tensor's elements are booleans.
void normalise_booleans(Tensor& tensor);

/// Bytes of one row of the first axis; of the whole for a scalar.
[[nodiscard]] std::uint64_t row_bytes(const Shape& shape, DType dtype);

}  // namespace graft::formats
