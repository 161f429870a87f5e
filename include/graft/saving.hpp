// SPDX-License-Identifier: Apache-2.0
// Models, weights, summaries and drawings: to files and back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "graft/json_fwd.hpp"
#include "graft/model.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace saving {

/// What save_model() stores beside config and weights.
struct SaveOptions {
  /// Further entries of the zip, name to bytes: {"graft.json", "..."}. Keras ignores them.
  std::map<std::string, std::string> extra = {};
  /// The arguments of compile(), as Keras serialises them (optimizer, loss, metrics), instead of the model's
  /// own; null: the model's, with the optimizer's state.
  JsonValue compile_config;
  /// The optimizer's variables in Keras's order, stored with compile_config.
  std::vector<Tensor> optimizer = {};
};

/// Writes a model that keras.models.load_model opens, config and weights: a Keras 3 `.keras` file, or for a
/// name that ends in .h5 Keras's older whole-model file, or for one that ends in .json TensorFlow.js's layers
/// format, with its weights in group1-shard1ofN.bin beside it, without compile(). The file appears whole or
/// not at all; equal models produce equal bytes. Errors: Error{invalid_argument} for a name that ends
/// otherwise, or an extra entry whose name is unsafe or taken, or that is too large for an .h5 file;
/// Error{io}.
void save_model(const Model& model, const std::filesystem::path& path, const SaveOptions& options = {});

/// The content of a model file.
struct LoadedModel {
  Model model;  ///< the model, not compiled: see compile_from_config()
  /// The arguments of compile() as stored; null when the model was saved without.
  JsonValue compile_config;
  /// The optimizer's variables in Keras's order (iteration, learning rate, then its own); empty when the file
  /// has none.
  std::vector<Tensor> optimizer = {};
  std::map<std::string, std::string> extra;  ///< as SaveOptions::extra; empty for an .h5
  /// Number of optimizer parameters in the file; 0 without an optimizer and for an .h5.
  std::int64_t optimizer_params = 0;
  /// What graft computes another way than the Keras that wrote the file, a sentence each: a Dropout called
  /// with training=True, layers that Keras computes in 16 bits. Mostly empty.
  std::vector<std::string> notes{};
  bool has_weights = true;  ///< false: only a structure, Keras's to_json(); the weights are initial ones
};

/// Reads a `.keras` file of graft or Keras 3, a whole-model `.h5` of Keras 2 or 3 (recognised by content), or
/// a model.json of TensorFlow.js in its layers format, as Teachable Machine exports it. A .json of Keras's
/// to_json() gives a model with initial weights.
/// Every weight of the model must be in the file. Errors: Error{not_found} no such file; Error{bad_file} not
/// such a file, broken, or without a weight that the model needs; Error{unsupported} a layer or an option
/// that graft does not support, by name; Error{shape_mismatch} a weight of another shape than its layer's.
[[nodiscard]] LoadedModel load_model(const std::filesystem::path& path);

/// A model whose structure is in a .json file (Keras's to_json()) and whose weights are in another file, in
/// any format that load_weights() reads. weights: empty: the layers keep their initial weights. Every weight
/// of the model must be in the file. Errors: as load_model() and load_weights(); Error{not_found} naming a
/// weight that the file does not have.
[[nodiscard]] LoadedModel load_model(const std::filesystem::path& json, const std::filesystem::path& weights);

/// Writes a model's weights only. The file name's ending selects the format; the file appears whole or not at
/// all, and equal weights produce equal bytes.
///   x.weights.h5    as Keras 3's save_weights, which its load_weights reads
///   x.h5            Keras's legacy layout, as Keras 2 wrote it and the published Applications files are;
///                   Keras 3's load_weights reads it in order or by_name
///   x.safetensors, x.npz   every weight under its path, "block1_conv1/kernel" (in nested models
///                   "base/block1_conv1/kernel"), axes in Keras's order
/// load_weights reads all of them. Errors: Error{invalid_argument} for another ending; Error{io}.
void save_weights(const Model& model, const std::filesystem::path& path);

/// How load_weights() pairs the file's layers with the model's.
struct LoadOptions {
  /// Match layers by name; layers that only one side has stay unchanged.
  bool by_name = false;
  /// Keep weights whose shape differs from the file's unchanged, and report them.
  bool skip_mismatch = false;
};

/// The outcome for every weight. Paths are the model's ("block1_conv1/kernel"); of `unused` the file's.
struct LoadReport {
  std::vector<std::string> matched;         ///< loaded
  std::vector<std::string> shape_mismatch;  ///< in both, with different shapes; unchanged
  std::vector<std::string> missing;         ///< in the model, not in the file; unchanged
  std::vector<std::string> unused;          ///< in the file, not in the model
  /// Where they were found in a PyTorch checkpoint, keys and the common prefix of all names:
  /// "model.state_dict", "state_dict, under backbone."; empty: the file itself was the state_dict.
  std::string place;
  /// One or a few lines for people: "260 weights loaded from state_dict; 2 of the file not used:
  /// predictions/kernel, ...".
  [[nodiscard]] std::string summary() const;
};

/// Loads weights into a model from Keras's published or Keras 2's `.h5`, Keras 3's `.weights.h5`, `.keras`
/// and whole-model `.h5` files, `.safetensors`, `.npz`, or what torch.save wrote; recognised by content.
/// Needs no more memory than the model's weights; a weight without a value yet adopts the file's without a
/// copy.
///
/// Lists of tensors (`.safetensors`, `.npz`, PyTorch) are matched by name: graft's, as save_weights writes
/// them, or those of a PyTorch definition of the same network, whose axes are reordered to Keras's. Files of
/// Keras: without by_name, layers that have weights are paired by the first rule that fits:
/// 1. by name, when the model and the file name the same layers;
/// 2. as Keras does: in order, when both have the same number (legacy `.h5`), or by group, when both have
///    the same groups, named by class and position as layers/conv2d_1 (`.weights.h5`, `.keras`);
/// 3. by name, when one side's layers are all in the other, for example a file with its top and a model
///    without. The others are reported as missing or unused, where Keras raises an error.
///
/// Otherwise an Error shows where the two lists differ. In a legacy file a nested model is one layer with all
/// its weights in sequence; they are assigned by the layers in their paths, or in Keras's order.
///
/// Nothing in the model changes unless the whole load succeeds. Errors: Error{not_found} no such file, or not
/// one weight matched; Error{bad_file}; Error{shape_mismatch} without skip_mismatch, naming both weights and
/// shapes, or when the layers cannot be paired.
LoadReport load_weights(Model& model, const std::filesystem::path& path, const LoadOptions& options = {});

/// The model as keras.saving.serialize_keras_object writes it in Keras 3: {"module", "class_name", "config",
/// "registered_name", "build_config"}; the content of config.json in a `.keras` file, which
/// keras.models.model_from_json reads too. Nested models are layers in it. A call with CallOptions
/// carries them as its kwargs: base(x, {.training = false}) -> {"training": false}.
[[nodiscard]] Json model_config(const Model& model);

/// The model that a config of Keras 3 (functional or Sequential, nested ones included) or of Keras 2
/// describes, with freshly initialised weights. Names are those of the config. Errors: Error{unsupported} for
/// a layer that graft does not support, naming class, layer and model; Error{bad_file} for an incomplete or
/// contradictory config (unknown layers, cycles, an output that no layer computes); Error{resource_limit} for
/// nesting deeper than any real model's.
[[nodiscard]] Model model_from_config(const Json& config);

/// Form of the table of summary().
struct SummaryOptions {
  /// Columns of the table; 0: Keras's own, 88, or 108 with "Connected to", and 12 more with show_trainable,
  /// but at most console_width - 4. At least 40.
  int line_length = 0;
  /// Columns of the terminal: longer lines of the table are cut here, as in Keras; 0: not cut.
  int console_width = 0;
  /// The layers of nested models too, indented below them.
  bool expand_nested = false;
  /// A column Trainable with Y or N.
  bool show_trainable = false;
  /// Number of optimizer parameters; added to the total and shown in a line, as Keras does after compile().
  std::int64_t optimizer_params = 0;
};

/// Keras 3's model.summary() as text (UTF-8, ending in a newline): a table of the layers and the totals.
/// A model with branches has a column "Connected to". Errors: Error{invalid_argument} for a line_length
/// below 40.
[[nodiscard]] std::string summary(const Model& model, const SummaryOptions& options = {});

/// {name, total_params, trainable_params, non_trainable_params, layers: [{name, class, output_shape, params,
/// trainable, connected_to}]}; the batch axis of output_shape is null, connected_to lists layer names.
[[nodiscard]] Json summary_json(const Model& model);

/// Arguments of keras.utils.plot_model, with Keras's defaults.
struct PlotOptions {
  bool show_shapes = false;             ///< shapes of each layer's input and output
  bool show_layer_names = false;        ///< each layer's name beside its class
  bool expand_nested = false;           ///< nested models as boxes around their layers
  std::string rankdir = "TB";           ///< TB: from top to bottom; LR: from left to right; BT, RL: reversed
  bool show_layer_activations = false;  ///< the activation of layers that have one
  bool show_trainable = false;          ///< whether a layer with weights trains
  int dpi = 200;                        ///< of .png
};

/// The model's graph in Graphviz's language: a node for each layer, an edge for each tensor. Errors:
/// Error{invalid_argument} for another rankdir than TB, LR, BT or RL.
[[nodiscard]] std::string model_to_dot(const Model& model, const PlotOptions& options = {});

/// Draws the graph into a file, whole or not at all. For a name that ends in .dot it writes the text; for
/// .svg, .png or .pdf the picture, for which Graphviz's program `dot` must be on the PATH. Errors: as
/// model_to_dot; Error{invalid_argument} for another ending; Error{unsupported} where `dot` is not found,
/// with what to install; Error{io}.
void plot_model(const Model& model, const std::filesystem::path& to_file, const PlotOptions& options = {});

}  // namespace saving
}  // namespace graft

#pragma GCC visibility pop
