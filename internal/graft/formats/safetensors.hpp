// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "graft/formats/named_tensor.hpp"
#include "graft/formats/stored_tensor.hpp"

namespace graft::formats {

/// Opens a .safetensors file (github.com/huggingface/safetensors): 8 bytes with the header's length, the
/// header as JSON, the tensors' bytes. In the order of their bytes; axes are the file's own (those of PyTorch
/// files PyTorch's). The elements stay in the file until they are read. Errors: Error{not_found} no such
/// file; Error{bad_file} not such a file, truncated, or offsets that overlap, leave holes or do not fit the
/// shapes; Error{unsupported} an element type that graft does not support; Error{resource_limit} a header of
/// more than 16 MiB.
[[nodiscard]] StoredTensors open_safetensors(const std::filesystem::path& path);

/// The same with all elements read.
[[nodiscard]] NamedTensors read_safetensors(const std::filesystem::path& path);

/// Writes such a file, whole or not at all; equal content produces equal bytes. Larger elements come first,
/// so that all are aligned. metadata: free texts kept in the header; PyTorch's libraries want {"format":
/// "pt"} where the tensors are theirs. Errors: Error{io}; Error{invalid_argument} for a name used twice or
/// not UTF-8.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace graft::formats
