// SPDX-License-Identifier: Apache-2.0
// An operation on the outputs of layers (graft/layers/core.hpp) as a layer in the graph.
#pragma once

#include <optional>
#include <string>

#include "graft/extend/layer.hpp"
#include "graft/layers/core.hpp"

namespace graft::layers {

/// A number among an operation's arguments, and whether it comes before the tensor: 1 - x.
struct Operand {
  double number = 0;
  bool first = false;
};

enum class Arithmetic { add, subtract, multiply, divide };

/// An operation in the graph of layers.
class Operation final : public LayerBase {
 public:
  /// name: empty for an automatic one.
  Operation(Arithmetic arithmetic, const std::optional<Operand>& operand, const std::string& name = "");

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override;
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override;
  [[nodiscard]] Json own_config() const override;
  [[nodiscard]] std::string module_name() const override { return "keras.src.ops.numpy"; }
  /// Only the name: Keras keeps the number with the call.
  [[nodiscard]] Json config() const override;
  [[nodiscard]] const std::optional<Operand>& operand() const { return operand_; }

 private:
  Arithmetic arithmetic_;
  std::optional<Operand> operand_;
};

/// From Keras's class name of an operation ("Add", "TrueDivide") and its config. Throws Error{unsupported}
/// naming the operation and what graft cannot do with it.
[[nodiscard]] Layer operation_from_config(const std::string& class_name, const Json& config,
                                          const std::optional<Operand>& operand);
/// The operation that a layer is; null for another layer.
[[nodiscard]] const Operation* as_operation(const LayerBase* layer);

}  // namespace graft::layers
