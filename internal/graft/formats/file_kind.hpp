// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/formats/stored_tensor.hpp"

namespace graft::formats {

/// Kind of a weights file, recognised by its content; its name is ignored.
enum class FileKind {
  hdf5,           ///< .h5 of Keras, any layout
  keras_archive,  ///< .keras of Keras 3
  torch,          ///< what torch.save wrote, zip or legacy
  safetensors,
  npz,
};

/// Errors: Error{not_found} no such file; Error{bad_file} none of these, naming what it seems to be instead.
[[nodiscard]] FileKind file_kind_of(const std::filesystem::path& path);

/// The tensors of a file that is a plain list of them, by their names: torch, safetensors or npz.
/// Error{invalid_argument} for another kind.
[[nodiscard]] StoredTensors open_named_tensors(const std::filesystem::path& path, FileKind kind);

}  // namespace graft::formats
