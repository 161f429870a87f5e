// SPDX-License-Identifier: Apache-2.0
// Models as files of TensorFlow.js, for pages and programs in JavaScript.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graft/model.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace saving {

/// How save_tfjs() writes a model.
struct TfjsOptions {
  std::optional<Size2D> image_size{};      ///< of a model whose input's height and width are open
  std::vector<std::string> class_names{};  ///< for metadata.json; empty: none
  /// The files of Teachable Machine: one file of weights, weights.bin, an input of pixels that its library
  /// has scaled (pixel / 127 - 1), and layers that TensorFlow.js 1.3.1 has.
  bool teachable_machine = false;
  /// Further texts, kept in userDefinedMetadata.
  std::map<std::string, std::string> metadata{};
};

/// Writes a model in TensorFlow.js's layers format: path (model.json) with the layers, their weights in files
/// of at most 4 MiB beside it, and metadata.json with the names of the classes ("labels"). What the model
/// computes in inference is written with layers that TensorFlow.js has, in all its versions from 1.3.1 on:
/// nested models are joined, and what it has no layer for is expressed by those that it has. Layers keep
/// their names. The input is float32 (batch, H, W, C), values from 0 to 255, red first. The file of the
/// layers is written last; weights that a file of this name had before and the new one has not are removed.
/// Model::save() keeps the layers as they are instead. Errors: Error{unsupported} naming a layer that cannot
/// be expressed, and for teachable_machine a model whose input is no square of 3 channels;
/// Error{shape_mismatch} for a model with an open image size without options.image_size; Error{io}.
void save_tfjs(const Model& model, const std::filesystem::path& path, const TfjsOptions& options = {});

}  // namespace saving
}  // namespace graft

#pragma GCC visibility pop
