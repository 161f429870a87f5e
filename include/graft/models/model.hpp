// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

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
/// can be part of another model. A handle to shared state: copies are the same model. The graph itself
/// computes nothing: predict, fit and evaluate run plans that are lowered from it. Threads: building,
/// changing and training a model is for one thread at a time.
class Model : public Layer {
 public:
  Model() = default;
  explicit Model(std::shared_ptr<models::FunctionalModel> base);
  /// All layers between input and output. Throws Error{invalid_argument} when the output depends on other
  /// inputs too, or two layers share a name.
  Model(const SymbolicTensor& input, const SymbolicTensor& output, const std::string& name = "");
  Model(std::vector<SymbolicTensor> inputs, std::vector<SymbolicTensor> outputs,
        const std::string& name = "");

  /// All layers in Keras's order (by depth, then in the order in which a walk from the outputs meets them),
  /// input layers included. Valid as long as the model lives.
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

  // Training, evaluating, predicting, saving and loading, as in Keras. They are declared here so that a Model
  // has Keras's methods, and defined in the modules training and saving; graft/graft.hpp includes the types
  // that they name.

  /// Sets optimizer, loss and metrics. The trainable flags that count are those at the first step after
  /// compile().
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
  /// The same for all samples of a data set, in the order of its labels(), also when it is shuffled.
  [[nodiscard]] Tensor predict(const data::Dataset& dataset);
  /// The same for the first batches only; see PredictOptions.
  [[nodiscard]] Tensor predict(const data::Dataset& dataset, const PredictOptions& options);
  /// Loss and metrics of one batch, in inference mode. sample_weight: empty or (N,).
  [[nodiscard]] EvaluateResult test_on_batch(const Tensor& images, const Tensor& labels,
                                             const Tensor& sample_weight = {});
  /// The output for one batch, computed in one pass; predict() computes 32 rows at a time.
  [[nodiscard]] Tensor predict_on_batch(const Tensor& input);
  /// Writes a Keras 3 file (.keras) that keras.models.load_model opens, whole or not at all; with the ending
  /// .h5 Keras's older whole-model file.
  void save(const std::filesystem::path& path) const;
  /// Writes only the weights: x.weights.h5, x.h5, x.safetensors or x.npz; see graft/saving/save_weights.hpp.
  void save_weights(const std::filesystem::path& path) const;
  /// Loads weights from a file of any format that graft reads, recognised by its content; see
  /// graft/saving/load_weights.hpp. Returns the outcome for every weight.
  saving::LoadReport load_weights(const std::filesystem::path& path);
  saving::LoadReport load_weights(const std::filesystem::path& path, const saving::LoadOptions& options);
};

/// A model whose layers form a sequence. The first layer is an InputLayer.
[[nodiscard]] Model Sequential(const std::vector<Layer>& layers, const std::string& name = "");

}  // namespace graft

#pragma GCC visibility pop
