// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "graft/formats/stored_tensor.hpp"

#include "formats/input_file.hpp"

namespace graft::formats {

/// The bytes of a .npy file before the tensor's elements. Errors: Error{unsupported} for bfloat16.
[[nodiscard]] std::string npy_head(const Tensor& tensor);

/// The tensor in a .npy file or an entry that is one; its path is empty. Errors: as read_npy.
[[nodiscard]] StoredTensor open_npy(const std::shared_ptr<const ByteSource>& source);

}  // namespace graft::formats
