// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graft/formats/stored_tensor.hpp"

#include "formats/input_file.hpp"

namespace graft::formats {

/// The bytes of a .npy file before the tensor's elements. Errors: Error{unsupported} for bfloat16.
[[nodiscard]] std::string npy_head(const Tensor& tensor);

/// A whole .npy file that holds texts: numpy's "<U" of the longest one, four bytes a character.
[[nodiscard]] std::string npy_of_texts(const std::vector<std::string>& texts);

/// The tensor in a .npy file or an entry that is one; its path is empty. Errors: as read_npy.
[[nodiscard]] StoredTensor open_npy(const std::shared_ptr<const ByteSource>& source);

}  // namespace graft::formats
