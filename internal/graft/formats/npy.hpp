// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "graft/tensor.hpp"

namespace graft::formats {

/// Writes numpy's .npy, version 1.0, C order, little-endian; the file appears whole or not at all.
/// Errors: Error{io}; Error{unsupported} for bfloat16, which numpy does not support.
void write_npy(const std::filesystem::path& path, const Tensor& tensor);

/// What a .npy file of float32 with this shape begins with, at least `bytes` bytes: files whose number of
/// rows is known in the end only leave room for it.
[[nodiscard]] std::string npy_head(const Shape& shape, std::size_t bytes);

/// Reads numpy's .npy, versions 1 to 3: floats of 16, 32 and 64 bits, signed integers, uint8 and bool,
/// little-endian. Fortran order is converted to C order. Errors: Error{not_found} no such file;
/// Error{bad_file} not such a file or truncated; Error{unsupported} another element type.
[[nodiscard]] Tensor read_npy(const std::filesystem::path& path);

}  // namespace graft::formats
