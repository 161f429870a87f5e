// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/formats/keras_archive.hpp"
#include "graft/formats/stored_tensor.hpp"

namespace graft {
inline namespace saving {

/// A layer's weights as a file holds them, in Layer.weights' order.
struct FileLayer {
  std::string name;   ///< of the layer; empty where the file has none
  std::string group;  ///< "layers/conv2d_1"; empty in legacy .h5 files, whose order counts
  formats::StoredTensors weights;
};

struct FileWeights {
  /// True for Keras 3's layout of groups; false for the legacy layout, where a nested model is one layer.
  bool grouped = false;
  std::vector<FileLayer> layers;  ///< those with weights
};

/// The layers of a Keras 3 weights file. The optimizer's and metrics' state and random seeds are left out.
[[nodiscard]] FileWeights grouped_layers(const formats::StoredTensors& weights,
                                         const formats::GroupNames& names);

/// Reads the weights of any file of Keras, recognised by content.
[[nodiscard]] FileWeights read_file_weights(const std::filesystem::path& path);

/// True for a zip archive, as `.keras` files are. Throws Error{not_found}.
[[nodiscard]] bool is_archive(const std::filesystem::path& path);

/// The weights of a legacy `.h5` without random states.
[[nodiscard]] FileWeights legacy_layers(std::vector<FileLayer> layers);

}  // namespace saving
}  // namespace graft
