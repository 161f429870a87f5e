// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

namespace graft {

namespace models {
class FunctionalModel;
}
namespace data {
class Dataset;
}
namespace saving {
struct LoadOptions;
struct LoadReport;
}  // namespace saving
// Of graft/training/ and graft/saving/: complete where graft/graft.hpp is included.
struct CompileOptions;
struct FitOptions;
struct PredictOptions;
struct EvaluateOptions;
struct PredictOptions;
struct EvaluateResult;
class History;

/// A graph of layers from inputs to outputs, as Keras's functional API builds it; itself a layer, so that it
/// can stand in another model. A handle on shared state: copies are the same model. A model never computes;
/// plans made from it do. Threads: building, changing and training a model is for one thread at a time.
class Model : public Layer {
 public:
  Model() = default;
  explicit Model(std::shared_ptr<models::FunctionalModel> base);
  /// All layers between input and output. Throws Error{invalid_argument} when the output does not depend on
  /// the inputs alone, or two layers share a name.
  Model(const SymbolicTensor& input, const SymbolicTensor& output, const std::string& name = "");
  Model(std::vector<SymbolicTensor> inputs, std::vector<SymbolicTensor> outputs,
        const std::string& name = "");

  /// All layers in Keras's order (by depth, then as found from the output), input layers included.
  /// Valid as long as the model lives.
  [[nodiscard]] std::span<Layer> layers() const;
  /// Throws Error{not_found} listing similar names, or the number of layers.
  [[nodiscard]] Layer get_layer(const std::string& name) const;
  [[nodiscard]] Layer get_layer(int index) const;
  [[nodiscard]] const std::vector<SymbolicTensor>& inputs() const;
  [[nodiscard]] const std::vector<SymbolicTensor>& outputs() const;
  /// The first input's and output's shape, batch axis -1.
  [[nodiscard]] Shape input_shape() const;
  [[nodiscard]] Shape output_shape() const;
  [[nodiscard]] std::shared_ptr<models::FunctionalModel> functional() const;

  // The verbs below do more than a graph can: they are defined in the modules training and saving.

  /// Sets optimizer, loss and metrics. What is trainable is taken as it is at the first step after compile.
  void compile(CompileOptions options);
  /// Trains; see FitOptions. Throws Error{invalid_argument} before compile().
  History fit(const data::Dataset& dataset, const FitOptions& options);
  /// One step on one batch; returns the loss before it. sample_weight: empty or (N,).
  double train_on_batch(const Tensor& images, const Tensor& labels, const Tensor& sample_weight = {});
  /// Loss and metrics over a data set, in inference mode.
  [[nodiscard]] EvaluateResult evaluate(const data::Dataset& dataset);
  [[nodiscard]] EvaluateResult evaluate(const data::Dataset& dataset, const EvaluateOptions& options);
  /// The model's output for a batch (N, H, W, C) of any N, in inference mode: (N, ...).
  [[nodiscard]] Tensor predict(const Tensor& input);
  [[nodiscard]] Tensor predict(const data::Dataset& dataset);
  /// The same for the first batches alone; see PredictOptions.
  [[nodiscard]] Tensor predict(const data::Dataset& dataset, const PredictOptions& options);
  /// Loss and metrics of one batch alone, in inference mode. sample_weight: empty or (N,).
  [[nodiscard]] EvaluateResult test_on_batch(const Tensor& images, const Tensor& labels,
                                             const Tensor& sample_weight = {});
  /// The output for one batch, computed as one: as predict(), which takes 32 rows at a time.
  [[nodiscard]] Tensor predict_on_batch(const Tensor& input);
  /// Writes a Keras 3 file (.keras) that keras.models.load_model opens, whole or not at all; with the ending
  /// .h5 Keras's older whole-model file.
  void save(const std::filesystem::path& path) const;
  /// Writes the weights alone: x.weights.h5, x.h5, x.safetensors or x.npz; see graft/saving/save_weights.hpp.
  void save_weights(const std::filesystem::path& path) const;
  /// Loads weights from a file of any format that graft reads, recognised by its content; see
  /// graft/saving/load_weights.hpp. Gives what became of every weight.
  saving::LoadReport load_weights(const std::filesystem::path& path);
  saving::LoadReport load_weights(const std::filesystem::path& path, const saving::LoadOptions& options);
};

/// A model of layers in a row. The first layer is an InputLayer.
[[nodiscard]] Model Sequential(const std::vector<Layer>& layers, const std::string& name = "");

}  // namespace graft
