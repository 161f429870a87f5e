// SPDX-License-Identifier: Apache-2.0
// What stands behind a Model handle: for plan, training and saving.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graft/layers/layer_base.hpp"
#include "graft/models/model.hpp"

namespace graft::models {

/// One call of a layer that the model consists of.
struct Call {
  std::shared_ptr<layers::LayerBase> layer;
  int node = 0;
};

/// What compile() and training left with a model, in the form in which files keep it.
struct SavedTraining {
  /// Keras's compile_config; null for a model that was not compiled.
  JsonValue compile_config;
  /// Keras's Optimizer.variables, in order: iteration, learning rate, then its own. Empty where none is kept.
  std::vector<Tensor> optimizer;
};

/// State that a higher module keeps with a model (what compile() set).
class Attachment {
 public:
  virtual ~Attachment() = default;
  /// What a saved model should keep of it.
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
  /// The layers and, where they stand in Keras's order, the operations between them (layers/operation.hpp).
  [[nodiscard]] std::vector<Layer>& operations() { return operations_; }
  [[nodiscard]] const std::vector<Layer>& operations() const { return operations_; }
  /// All calls in an order in which each one's inputs come before it.
  [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }
  [[nodiscard]] const std::vector<SymbolicTensor>& inputs() const { return inputs_; }
  [[nodiscard]] const std::vector<SymbolicTensor>& outputs() const { return outputs_; }

  /// Values that lower_all() is to report beside the outputs: of every symbolic tensor in this list.
  struct Lowered {
    std::vector<ops::ValueId> outputs;
    std::vector<ops::ValueId> requested;
  };
  [[nodiscard]] Lowered lower_with(layers::LowerContext& context, const std::vector<ops::ValueId>& inputs,
                                   const std::vector<SymbolicTensor>& requested) const;

  [[nodiscard]] const std::shared_ptr<Attachment>& attachment() const { return attachment_; }
  void attach(std::shared_ptr<Attachment> attachment) { attachment_ = std::move(attachment); }

 private:
  std::vector<SymbolicTensor> inputs_;
  std::vector<SymbolicTensor> outputs_;
  std::vector<Layer> layers_;
  std::vector<Layer> operations_;
  std::vector<Call> calls_;
  std::shared_ptr<Attachment> attachment_;
};

}  // namespace graft::models
