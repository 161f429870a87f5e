// SPDX-License-Identifier: Apache-2.0
// The state that Model handles share; for plan, training and saving.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graft/extend/layer.hpp"
#include "graft/model.hpp"

namespace graft {
inline namespace models {

/// One layer call of the model's graph.
struct Call {
  std::shared_ptr<layers::LayerBase> layer;
  int node = 0;
};

/// The result of compile() and training, in the form that files store.
struct SavedTraining {
  /// Keras's compile_config; null for a model that was not compiled.
  JsonValue compile_config;
  /// Keras's Optimizer.variables, in order: iteration, learning rate, then its own. Empty: none.
  std::vector<Tensor> optimizer;
};

/// State that a higher module keeps with a model (what compile() set).
class Attachment {
 public:
  virtual ~Attachment() = default;
  /// The part that a saved model stores.
  [[nodiscard]] virtual SavedTraining training_state() const { return {}; }
};

class FunctionalModel final : public layers::LayerBase {
 public:
  FunctionalModel(std::vector<SymbolicTensor> inputs, std::vector<SymbolicTensor> outputs,
                  const std::string& name, const std::string& class_name = "Functional");

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override;
  [[nodiscard]] std::vector<Shape> output_shapes(const std::vector<Shape>& inputs) const override;
  [[nodiscard]] ops::ValueId lower(layers::LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override;
  [[nodiscard]] std::vector<ops::ValueId> lower_all(layers::LowerContext& context,
                                                    const std::vector<ops::ValueId>& inputs) const override;
  [[nodiscard]] Json own_config() const override;
  void set_trainable(bool trainable) override;
  [[nodiscard]] std::vector<VariablePtr> weights() const override;
  [[nodiscard]] std::vector<VariablePtr> trainable_weights() const override;
  [[nodiscard]] bool has_random_state() const override;

  [[nodiscard]] std::vector<Layer>& model_layers() { return layers_; }
  [[nodiscard]] const std::vector<Layer>& model_layers() const { return layers_; }
  /// The layers and the operations between them, in Keras's order (layers/operation.hpp).
  [[nodiscard]] std::vector<Layer>& operations() { return operations_; }
  [[nodiscard]] const std::vector<Layer>& operations() const { return operations_; }
  /// All calls in topological order: inputs first.
  [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }
  [[nodiscard]] const std::vector<SymbolicTensor>& inputs() const { return inputs_; }
  [[nodiscard]] const std::vector<SymbolicTensor>& outputs() const { return outputs_; }

  /// The op graph's values of the outputs and of the requested symbolic tensors.
  struct Lowered {
    std::vector<ops::ValueId> outputs;
    std::vector<ops::ValueId> requested;
  };
  [[nodiscard]] Lowered lower_with(layers::LowerContext& context, const std::vector<ops::ValueId>& inputs,
                                   const std::vector<SymbolicTensor>& requested) const;

  [[nodiscard]] const std::shared_ptr<Attachment>& attachment() const { return attachment_; }
  void attach(std::shared_ptr<Attachment> attachment) { attachment_ = std::move(attachment); }

 private:
  /// Throws Error{shape_mismatch} where an input's size contradicts the model's.
  void check_input(std::size_t index, const Shape& received) const;

  std::vector<SymbolicTensor> inputs_;
  std::vector<SymbolicTensor> outputs_;
  std::vector<Layer> layers_;
  std::vector<Layer> operations_;
  std::vector<Call> calls_;
  std::shared_ptr<Attachment> attachment_;
};

}  // namespace models
}  // namespace graft
