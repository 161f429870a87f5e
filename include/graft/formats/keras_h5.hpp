// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/formats/named_tensor.hpp"

namespace graft::formats {

/// One layer of a Keras HDF5 file. weights: in the order of Layer.weights, paths as stored, e.g.
/// "block1_conv1/kernel:0", "block1_conv1_W_1:0" or "small_cnn/conv1/kernel"; empty for a layer without
/// weights. A nested model is one layer here that holds the weights of all its layers.
struct LayerWeights {
  std::string layer;
  NamedTensors weights;
};

struct H5Weights {
  /// In the order of Model.layers. Weights that belong to no layer come last, under
  /// "top_level_model_weights".
  std::vector<LayerWeights> layers;
  /// Of a whole-model file only: the model's configuration, and what compile() was given.
  std::optional<Json> model_config;
  std::optional<Json> training_config;
};

/// Reads Keras's legacy HDF5 layout: the published Applications files, Keras 2's save_weights, and the group
/// model_weights of a whole-model .h5 (Keras 2 and 3). Order is that of the attributes layer_names and
/// weight_names, which may be of fixed or variable length and cut into layer_names0, layer_names1, ...
/// Kernels are in Keras's axis order, (kh, kw, in, out). uint32 is widened to int64; the optimizer's state is
/// not read. Threads: HDF5 calls are serialised inside. Errors: Error{not_found} no such file;
/// Error{bad_file} not such a file, or truncated or broken, naming the likely reason; Error{unsupported} an
/// element type that graft has no word for; Error{resource_limit} a weight that claims far more bytes than
/// the file can hold.
[[nodiscard]] H5Weights read_keras_h5(const std::filesystem::path& path);

}  // namespace graft::formats
