// SPDX-License-Identifier: Apache-2.0
// Models: a graph of layers with verbs; copies of models; freezing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft {

inline namespace models {
class FunctionalModel;
}
namespace data {
class Dataset;
}
inline namespace saving {
struct LoadOptions;
struct LoadReport;
}  // namespace saving
// Of graft/training.hpp and graft/saving.hpp.
class LossChoice;
class MetricChoice;
class OptimizerChoice;
struct CompileOptions;
struct FitOptions;
struct PredictOptions;
struct EvaluateOptions;
struct PredictOptions;
struct EvaluateResult;
class History;

/// A graph of layers from inputs to outputs, as Keras's functional API builds it; itself a layer, so that it
/// can be part of another model. A handle to shared state: copies are the same model. The graph itself
/// computes nothing: predict, fit and evaluate run plans that are lowered from it. Threads: building,
/// changing and training a model is for one thread at a time.
class Model : public Layer {
 public:
  /// An empty handle. What uses its graph throws Error{invalid_argument}.
  Model() = default;
  /// A handle to an existing graph; for graft's own use.
  explicit Model(std::shared_ptr<models::FunctionalModel> base);
  /// All layers between input and output. Throws Error{invalid_argument} when the output depends on other
  /// inputs too, or two layers share a name.
  Model(const SymbolicTensor& input, const SymbolicTensor& output, const std::string& name = "");
  Model(std::vector<SymbolicTensor> inputs, std::vector<SymbolicTensor> outputs,
        const std::string& name = "");

  /// All layers in Keras's order (by depth, then in the order in which a walk from the outputs meets them),
  /// input layers included. Valid as long as the model lives.
  [[nodiscard]] std::span<Layer> layers() const;
  /// The layer of this name, or of this index in layers(), negative ones from the end. Throws
  /// Error{not_found} listing similar names, or the number of layers.
  [[nodiscard]] Layer get_layer(const std::string& name) const;
  [[nodiscard]] Layer get_layer(int index) const;
  /// The symbolic inputs and outputs of the graph, batch axis -1.
  [[nodiscard]] const std::vector<SymbolicTensor>& inputs() const;
  [[nodiscard]] const std::vector<SymbolicTensor>& outputs() const;
  /// The first input's and output's shape, batch axis -1.
  [[nodiscard]] Shape input_shape() const;
  [[nodiscard]] Shape output_shape() const;
  /// Keras's table of the layers and the totals, as text: std::cout << model.summary(). It fits 80 columns,
  /// as Keras's where there is no terminal. Other widths and options: the function summary() of
  /// graft/saving.hpp.
  [[nodiscard]] std::string summary() const;
  /// The graph itself; for graft's own use.
  [[nodiscard]] std::shared_ptr<models::FunctionalModel> functional() const;

  // Training, evaluating, predicting, saving and loading, as in Keras. They are declared here so that a Model
  // has Keras's methods, and defined in the modules training and saving; graft/graft.hpp includes the types
  // that they name.

  /// Sets optimizer, loss and metrics. The trainable flags that count are those at the first step after
  /// compile().
  void compile(CompileOptions options);
  /// The same by position, each an object or its name in Keras: compile("adam", "categorical_crossentropy",
  /// {"accuracy"}). Throws Error{invalid_argument} listing the known names for another one.
  void compile(const OptimizerChoice& optimizer, const LossChoice& loss,
               const std::vector<MetricChoice>& metrics);
  /// The same without metrics.
  void compile(const OptimizerChoice& optimizer, const LossChoice& loss);
  /// Trains one epoch. Throws Error{invalid_argument} before compile().
  History fit(const data::Dataset& dataset);
  /// Trains; see FitOptions.
  History fit(const data::Dataset& dataset, const FitOptions& options);
  /// One step on one batch; returns the loss before it. sample_weight: empty or (N,).
  double train_on_batch(const Tensor& images, const Tensor& labels, const Tensor& sample_weight = {});
  /// Loss and metrics over a data set, in inference mode.
  [[nodiscard]] EvaluateResult evaluate(const data::Dataset& dataset);
  /// The same with options; see EvaluateOptions.
  [[nodiscard]] EvaluateResult evaluate(const data::Dataset& dataset, const EvaluateOptions& options);
  /// The model's output for a batch (N, H, W, C) of any N, in inference mode: (N, ...).
  [[nodiscard]] Tensor predict(const Tensor& input);
  /// The model's output for each sample of a data set, in inference mode: (N, ...), in the order of the data
  /// set's labels(), also when it is shuffled.
  [[nodiscard]] Tensor predict(const data::Dataset& dataset);
  /// The same with options, such as for the first batches only; see PredictOptions.
  [[nodiscard]] Tensor predict(const data::Dataset& dataset, const PredictOptions& options);
  /// Loss and metrics of one batch, in inference mode. sample_weight: empty or (N,).
  [[nodiscard]] EvaluateResult test_on_batch(const Tensor& images, const Tensor& labels,
                                             const Tensor& sample_weight = {});
  /// The output for one batch, computed in one pass; predict() computes 32 rows at a time.
  [[nodiscard]] Tensor predict_on_batch(const Tensor& input);
  /// Writes a Keras 3 file (.keras) that keras.models.load_model opens, whole or not at all; with the ending
  /// .h5 Keras's older whole-model file.
  void save(const std::filesystem::path& path) const;
  /// The same with the names of the classes, in the order of the outputs (two for one output), by which
  /// Classifier and graft predict answer. path: a .keras file. Errors: also Error{invalid_argument} for
  /// another number of names, an empty one or one given twice.
  void save(const std::filesystem::path& path, const std::vector<std::string>& class_names) const;
  /// Writes only the weights: x.weights.h5, x.h5, x.safetensors or x.npz; see graft/saving.hpp.
  void save_weights(const std::filesystem::path& path) const;
  /// Loads weights from a file of any format that graft reads, recognised by its content; see
  /// graft/saving.hpp. Returns the outcome for every weight.
  saving::LoadReport load_weights(const std::filesystem::path& path);
  /// The same with options; see saving::LoadOptions.
  saving::LoadReport load_weights(const std::filesystem::path& path, const saving::LoadOptions& options);
};

/// A model whose layers form a sequence. The first layer is an InputLayer.
[[nodiscard]] Model Sequential(const std::vector<Layer>& layers, const std::string& name = "");

}  // namespace graft

namespace graft {
inline namespace models {

/// Keras's arguments of keras.models.clone_model.
struct CloneOptions {
  /// One per input of the model: the clone is built on these tensors (N, H, W, C), whose size may differ,
  /// instead of new inputs. Empty: new inputs like the model's.
  std::vector<SymbolicTensor> input_tensors;
  /// Returns the clone's layer for a layer; called once per layer, never for inputs. Unset, or an empty
  /// handle returned: a copy from its config, with freshly initialised weights. Returning the layer itself
  /// shares it and its weights.
  std::function<Layer(const Layer& layer)> clone_function;
  /// Call clone_function for the layers in nested models instead of for the nested models.
  bool recursive = false;
};

/// The same graph of new layers: same names, config and trainable flags, freshly initialised weights.
/// Errors: Error{invalid_argument} for another number of input_tensors than the model has inputs;
/// Error{shape_mismatch} where a layer does not fit its new input.
[[nodiscard]] Model clone_model(const Model& model, const CloneOptions& options = {});

/// A new layer from the layer's config, with its own weights, which are created by its first call. A
/// nested model is cloned whole.
[[nodiscard]] Layer copy_layer(const Layer& layer);

/// Selects the layers to freeze; at least one field must be set. With several fields, a layer is frozen that
/// any of them selects. Layers are those of model.layers() and of the models among them, in Keras's order;
/// those of a nested model also by path, "vgg16/block5_conv1".
struct FreezeOptions {
  /// Layers with a matching name: patterns separated by |, with * for any characters and ? for one
  /// ("block1_*|block2_*"), or after "re:" a regular expression (ECMAScript) that the whole name must match.
  std::string names{};
  /// All layers before this one, which is the first to train: its index in model.layers() from 0, as in
  /// Keras's `for layer in model.layers[:fine_tune_at]: layer.trainable = False`, or its name.
  std::string from{};
  /// All layers before the first one of this block, whose layers' names begin with it: "block5",
  /// "conv5_block3".
  std::string block{};
  /// All but the last N layers that have weights.
  std::optional<std::int64_t> last_n{};
};

/// The result of freeze().
struct FreezeReport {
  std::vector<std::string> frozen;  ///< names of the frozen layers with weights
  /// Number of frozen layers, as Keras counts model.layers: also those without weights. Of a nested model its
  /// layers are counted.
  std::size_t frozen_layers = 0;
  std::size_t layers = 0;             ///< number of layers, counted in the same way
  std::string first_trainable;        ///< name of the first layer that trains; empty: none
  std::int64_t trainable_params = 0;  ///< number of parameters that train
  std::int64_t total_params = 0;      ///< number of parameters of the model
};

/// Makes all layers of the model trainable, then freezes the selected ones. After an error nothing has
/// changed: Error{not_found} for a name or block that no layer has, with similar names;
/// Error{invalid_argument} for an index out of range, an invalid pattern, or no selection.
FreezeReport freeze(Model model, const FreezeOptions& options);

/// The index of the layer that `from` names: an index or a name.
[[nodiscard]] std::size_t layer_index(const Model& model, const std::string& from);

}  // namespace models
}  // namespace graft

#pragma GCC visibility pop
