// SPDX-License-Identifier: Apache-2.0
// An operation on the outputs of layers (graft/layers/core.hpp, keras.ops) as a layer in the graph.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "graft/extend/layer.hpp"
#include "graft/json_fwd.hpp"
#include "graft/layers/core.hpp"

namespace graft::layers {

/// A number among an operation's arguments, and whether it comes before the tensor: 1 - x.
struct Operand {
  double number = 0;
  bool first = false;
};

enum class Arithmetic { add, subtract, multiply, divide };

/// How Keras's config describes an operation and its call.
struct OperationCall {
  /// The operation's get_config() without its name: {"axis": [1, 2], "keepdims": false}.
  JsonValue settings;
  /// The positional arguments, a list; tensor_placeholder(i) stands for input i.
  JsonValue arguments;
  /// The arguments by name, an object.
  JsonValue keywords;
  /// The Python module of the operation's class.
  std::string module = "keras.src.ops.numpy";
};

/// Stands for the i-th input in OperationCall::arguments and ::keywords.
[[nodiscard]] Json tensor_placeholder(std::size_t index);
/// The index in a placeholder; nothing for another value.
[[nodiscard]] std::optional<std::size_t> placeholder_index(const Json& value);

/// What an operation computes; see layers/operations/rule.hpp.
class OperationRule;

/// An operation in the graph of layers. It has no weights. Its constants belong to its call, so it is called
/// once, unless it has none.
class Operation final : public LayerBase {
 public:
  /// An operation with a number, or on two tensors. name: empty for an automatic one.
  Operation(Arithmetic arithmetic, const std::optional<Operand>& operand, const std::string& name = "");
  /// class_name: Keras's ("TrueDivide"). Throws Error{unsupported} naming the operation and what graft cannot
  /// do with it.
  Operation(const std::string& class_name, OperationCall call, const std::string& name);
  ~Operation() override;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override;
  [[nodiscard]] ops::ValueId lower(LowerContext& context,
                                   const std::vector<ops::ValueId>& inputs) const override;
  [[nodiscard]] Json own_config() const override;
  [[nodiscard]] std::string module_name() const override { return call_.module; }
  /// The name and the settings: Keras keeps constants with the call.
  [[nodiscard]] Json config() const override;
  [[nodiscard]] const OperationCall& operation_call() const { return call_; }

 private:
  OperationCall call_;
  std::unique_ptr<OperationRule> rule_;
};

/// The operation that a layer is; null for another layer.
[[nodiscard]] const Operation* as_operation(const LayerBase* layer);

/// A new layer of the same class, name and settings, without weights and calls. Not for models.
[[nodiscard]] Layer copy_without_weights(const Layer& layer);

}  // namespace graft::layers
