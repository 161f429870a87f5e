// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "graft/base/json.hpp"
#include "graft/formats/named_tensor.hpp"
#include "graft/formats/weights_h5.hpp"

namespace graft::formats {

/// The content of a Keras 3 `.keras` file: a zip of metadata.json, config.json and model.weights.h5.
struct KerasArchive {
  /// keras_version and date_saved.
  Json metadata;
  /// The model's configuration, the result of keras.saving.serialize_keras_object.
  Json config;
  /// By their path in model.weights.h5, e.g. "layers/conv2d/vars/0"; see WeightsH5.
  NamedTensors weights;
  GroupNames group_names;
  /// Any other entries, name to bytes, e.g. "assets/labels.txt". Keras ignores them.
  std::map<std::string, std::string> extra;
};

/// The same with its tensors not yet read.
struct StoredKerasArchive {
  Json metadata;
  Json config;
  StoredTensors weights;
  GroupNames group_names;
  std::map<std::string, std::string> extra;
};

/// As read_keras_archive, but the weights' elements stay in the file until they are read. Their checksum
/// is compared here.
[[nodiscard]] StoredKerasArchive open_keras_archive(const std::filesystem::path& path);

/// Errors: Error{not_found} no such file; Error{bad_file} not such a zip, truncated, or a part missing or
/// broken, naming the likely reason; Error{resource_limit} entries that claim to unpack to far more than the
/// file can hold.
[[nodiscard]] KerasArchive read_keras_archive(const std::filesystem::path& path);

/// Writes a file that keras.models.load_model opens. The file appears whole or not at all; equal archives
/// give equal bytes (entries uncompressed, as Keras writes them, with a fixed date). Errors: Error{io};
/// Error{invalid_argument} for weights that cannot be laid out (write_weights_h5) or an extra entry with an
/// unsafe or taken name.
void write_keras_archive(const std::filesystem::path& path, const KerasArchive& archive);

}  // namespace graft::formats
