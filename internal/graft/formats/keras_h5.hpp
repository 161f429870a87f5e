// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/formats/named_tensor.hpp"
#include "graft/formats/stored_tensor.hpp"

namespace graft::formats {

/// One layer of a Keras HDF5 file. weights: in the order of Layer.weights, paths as stored, e.g.
/// "block1_conv1/kernel:0", "block1_conv1_W_1:0" or "small_cnn/conv1/kernel"; empty for a layer without
/// weights. A nested model is one layer here that holds the weights of all its layers.
template <typename Tensors>
struct H5Layer {
  std::string layer;
  Tensors weights;
};

/// Keras's legacy HDF5 layout; Tensors are StoredTensors or NamedTensors.
template <typename Tensors>
struct H5Content {
  /// In the order of Model.layers. Weights that belong to no layer come last, under
  /// "top_level_model_weights".
  std::vector<H5Layer<Tensors>> layers;
  /// Of a whole-model file only: the model's configuration, and what compile() was given.
  std::optional<Json> model_config;
  std::optional<Json> training_config;
  /// "2.15.0"; empty where the file does not state it.
  std::string keras_version;
  /// The optimizer's variables in the order of Optimizer.variables; empty where the file has none.
  Tensors optimizer;
};

using LayerWeights = H5Layer<NamedTensors>;
using H5Weights = H5Content<NamedTensors>;
using StoredH5 = H5Content<StoredTensors>;

/// Opens Keras's legacy HDF5 layout: the published Applications files, Keras 2's save_weights, and the group
/// model_weights of a whole-model .h5 (Keras 2 and 3). Order is that of the attributes layer_names and
/// weight_names, which may be of fixed or variable length and cut into layer_names0, layer_names1, ...
/// Kernels are in Keras's axis order, (kh, kw, in, out). uint32 is widened to int64. The elements stay in the
/// file until they are read. Threads: HDF5 calls are serialised inside. Errors: Error{not_found} no such
/// file; Error{bad_file} not such a file, or truncated or broken, naming the likely reason;
/// Error{unsupported} an element type that graft does not support; Error{resource_limit} a weight that claims
/// far more bytes than the file can hold.
[[nodiscard]] StoredH5 open_keras_h5(const std::filesystem::path& path);

/// The same with all elements read.
[[nodiscard]] H5Weights read_keras_h5(const std::filesystem::path& path);

/// Writes that layout as Keras 3 does: with model_config the whole model, which keras.models.load_model
/// opens; without, only the weights, as Keras 2's save_weights wrote them and both load. The file appears
/// whole or not at all; equal content produces equal bytes. Paths of one layer must differ. Errors:
/// Error{io}; Error{invalid_argument} for names that an HDF5 file cannot have or are used twice.
void write_keras_h5(const std::filesystem::path& path, const H5Weights& content);

}  // namespace graft::formats
