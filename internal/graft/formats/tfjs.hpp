// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/formats/named_tensor.hpp"
#include "graft/formats/stored_tensor.hpp"

namespace graft::formats {

/// TensorFlow.js's layers format: a model.json with the topology, and files of weights beside it
/// (group1-shard1of2.bin), which Teachable Machine exports too.
struct StoredTfjs {
  Json model_config;          ///< Keras 2's: {"class_name", "config"}
  Json training_config;       ///< null without one
  std::string keras_version;  ///< as the file states it, "tfjs-layers 4.22.0"
  StoredTensors weights;      ///< by TensorFlow.js's names, "conv1/kernel"; axes in Keras's order
  Json metadata;              ///< userDefinedMetadata; null without it
};

/// Whether a .json file is such a model, by its content.
[[nodiscard]] bool is_tfjs(const std::filesystem::path& path);

/// Quantised weights (uint8, uint16, float16) are read as the float32 that TensorFlow.js makes of them:
/// scale · q + min. Errors: Error{not_found} a file; Error{bad_file} broken, or weights that do not add up to
/// their files; Error{unsupported} a graph model, or element types that graft does not have;
/// Error{resource_limit}.
[[nodiscard]] StoredTfjs open_tfjs(const std::filesystem::path& path);

/// What write_tfjs() writes.
struct TfjsModel {
  Json model_config;               ///< Keras 2's: {"class_name", "config"}
  NamedTensors weights;            ///< by TensorFlow.js's names; floating types are written as float32
  Json metadata = Json::object();  ///< userDefinedMetadata: what the model's author adds
  bool one_file = false;           ///< all weights in weights.bin, as Teachable Machine writes them
};

/// Writes path (model.json) and its shards of at most 4 MiB beside it, as TensorFlow.js's converter cuts
/// them. The shards appear before the file that names them. Shards that a file of this name had before and
/// the new one has not are removed. Errors: Error{io}.
void write_tfjs(const std::filesystem::path& path, const TfjsModel& model);

/// The files of weights, named as write_tfjs() names them, that a model.json names; none of another file.
[[nodiscard]] std::vector<std::string> tfjs_weight_files(const std::filesystem::path& path);

}  // namespace graft::formats
