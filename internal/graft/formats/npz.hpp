// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/formats/named_tensor.hpp"
#include "graft/formats/stored_tensor.hpp"

namespace graft::formats {

/// Opens numpy's .npz, as savez and savez_compressed write it: a zip of .npy files, whose names without .npy
/// are the tensors'. In the archive's order. The elements stay in the file until they are read. Errors:
/// as read_npy for each entry; Error{bad_file} not such a file, truncated, or an entry that is no .npy;
/// Error{resource_limit} entries that claim to unpack to far more than the file can hold.
[[nodiscard]] StoredTensors open_npz(const std::filesystem::path& path);

/// The same with all elements read.
[[nodiscard]] NamedTensors read_npz(const std::filesystem::path& path);

/// Writes such a file uncompressed, whole or not at all; equal content produces equal bytes. Errors:
/// Error{io}; Error{unsupported} for bfloat16, which numpy does not support; Error{invalid_argument} for a
/// name that is empty, unsafe or used twice.
void write_npz(const std::filesystem::path& path, const NamedTensors& tensors);

/// A list of texts under a name.
struct NamedTexts {
  std::string path;
  std::vector<std::string> texts;  ///< UTF-8; what is none is written as U+FFFD
};
/// The same with lists of texts after the tensors, as numpy's own arrays of text ("<U12"), which need no
/// pickle. graft itself does not read those.
void write_npz(const std::filesystem::path& path, const NamedTensors& tensors,
               const std::vector<NamedTexts>& texts);

}  // namespace graft::formats
