// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/models/model.hpp"

#pragma GCC visibility push(default)

namespace graft::saving {

/// Writes a model's weights only. The file name's ending selects the format; the file appears whole or not at
/// all, and equal weights produce equal bytes.
///   x.weights.h5    as Keras 3's save_weights, which its load_weights reads
///   x.h5            Keras's legacy layout, as Keras 2 wrote it and the published Applications files are;
///                   Keras 3's load_weights reads it in order or by_name
///   x.safetensors, x.npz   every weight under its path, "block1_conv1/kernel" (in nested models
///                   "base/block1_conv1/kernel"), axes in Keras's order
/// load_weights reads all of them. Errors: Error{invalid_argument} for another ending; Error{io}.
void save_weights(const Model& model, const std::filesystem::path& path);

}  // namespace graft::saving

#pragma GCC visibility pop
