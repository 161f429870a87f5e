// SPDX-License-Identifier: Apache-2.0
// Arithmetic on the outputs of layers, as Python writes it: a + b, 2 * x. Keras puts such an operation into a
// model's graph and config, with an automatic name (add, add_1, ...), but not into its list of layers.
#pragma once

#include <optional>
#include <string>

#include "graft/extend/layer.hpp"
#include "graft/layers/layer.hpp"

namespace graft {

/// Two tensors must have equal shapes. Throws Error{shape_mismatch} naming the operation.
[[nodiscard]] SymbolicTensor operator+(const SymbolicTensor& a, const SymbolicTensor& b);
[[nodiscard]] SymbolicTensor operator-(const SymbolicTensor& a, const SymbolicTensor& b);
/// Every element with one number. Throws Error{invalid_argument} for a division by 0.
[[nodiscard]] SymbolicTensor operator+(const SymbolicTensor& x, double number);
[[nodiscard]] SymbolicTensor operator-(const SymbolicTensor& x, double number);
[[nodiscard]] SymbolicTensor operator*(const SymbolicTensor& x, double number);
[[nodiscard]] SymbolicTensor operator/(const SymbolicTensor& x, double number);

namespace layers {

/// A number among an operation's arguments, and whether it comes before the tensor: 1 - x.
struct Operand {
  double number = 0;
  bool first = false;
};

enum class Arithmetic { add, subtract, multiply, divide };

/// What stands in the graph for an operation.
class Operation final : public LayerBase {
 public:
  /// name: empty for an automatic one.
  Operation(Arithmetic arithmetic, const std::optional<Operand>& operand, const std::string& name = "");

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override;
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override;
  [[nodiscard]] Json own_config() const override;
  [[nodiscard]] std::string module_name() const override { return "keras.src.ops.numpy"; }
  /// The name alone: Keras keeps the number with the call.
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
/// The operation behind a layer's handle; null for a layer.
[[nodiscard]] const Operation* as_operation(const LayerBase* layer);

}  // namespace layers
}  // namespace graft
