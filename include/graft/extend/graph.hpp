// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstddef>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "graft/extend/op.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft::ops {

/// Number of a value in its Graph, from 0; or kAbsent.
using ValueId = int;
/// Stands for an optional argument that an op does not have.
inline constexpr ValueId kAbsent = -1;

/// Source of a value: an op's output.
struct ComputedValue {
  bool gradient_wanted = false;  ///< as a result of the backward pass: a feature map that explains an answer
};
/// Source of a value: each run provides it.
struct InputValue {};
/// Source of a value: a model's weight.
struct WeightValue {
  VariablePtr variable;    ///< holds the elements
  bool trainable = false;  ///< its gradient is wanted
};
/// Source of a value: fixed elements.
struct ConstantValue {
  Tensor elements;  ///< in the value's shape
};

/// One tensor that flows through the graph.
struct Value {
  Shape shape;                   ///< with a concrete batch size
  DType dtype = DType::float32;  ///< of a computed value also bfloat16 (mixed precision), uint8 or int8
  float scale = 1;               ///< of uint8 and int8: what 1 stands for; 0 stands for 0
  std::variant<ComputedValue, InputValue, WeightValue, ConstantValue> source{};  ///< of the elements
  std::string name{};  ///< of what layers appended: "block1/conv:0", the layer and a number; else empty

  /// True for an op's output.
  [[nodiscard]] bool is_computed() const { return std::holds_alternative<ComputedValue>(source); }
  /// True for what each run provides.
  [[nodiscard]] bool is_input() const { return std::holds_alternative<InputValue>(source); }
  /// The weight that it is, or null.
  [[nodiscard]] const WeightValue* weight() const { return std::get_if<WeightValue>(&source); }
  /// The constant that it is, or null.
  [[nodiscard]] const ConstantValue* constant() const { return std::get_if<ConstantValue>(&source); }
  /// True for a weight whose gradient is wanted.
  [[nodiscard]] bool is_trainable() const { return weight() != nullptr && weight()->trainable; }
  /// True for such a weight, and for an op's output whose gradient is wanted.
  [[nodiscard]] bool wants_gradient() const {
    const auto* computed = std::get_if<ComputedValue>(&source);
    return is_trainable() || (computed != nullptr && computed->gradient_wanted);
  }
};

/// True where Name is the op's enumeration In.
template <typename Name>
[[nodiscard]] bool has_input_names(const Params& params) {
  return std::visit([]<typename Op>(const Op&) { return std::is_same_v<typename Op::In, Name>; }, params);
}
/// True where Name is the op's enumeration Out.
template <typename Name>
[[nodiscard]] bool has_output_names(const Params& params) {
  return std::visit([]<typename Op>(const Op&) { return std::is_same_v<typename Op::Out, Name>; }, params);
}

/// One operation on values of a graph.
struct Op {
  Params params;                 ///< which op it is, and its settings
  std::vector<ValueId> inputs;   ///< in the order of In; kAbsent, or left out at the end, where there is none
  std::vector<ValueId> outputs;  ///< in the order of Out, likewise
  std::string layer;             ///< path of the layer that it came from ("block1/conv"), for messages

  /// The input of this name, such as in(Convolution::In::residual); kAbsent where it is absent or left out.
  /// The name must be one of this op's.
  template <typename Name>
  [[nodiscard]] ValueId in(Name name) const {
    assert(has_input_names<Name>(params));
    return argument(inputs, static_cast<std::size_t>(name));
  }
  /// The output of this name, in the same way: out(Convolution::Out::y).
  template <typename Name>
  [[nodiscard]] ValueId out(Name name) const {
    assert(has_output_names<Name>(params));
    return argument(outputs, static_cast<std::size_t>(name));
  }
  /// Replaces the input of this name.
  template <typename Name>
  void set_in(Name name, ValueId value) {
    assert(has_input_names<Name>(params));
    set_argument(inputs, static_cast<std::size_t>(name), value);
  }
  /// Replaces the output of this name.
  template <typename Name>
  void set_out(Name name, ValueId value) {
    assert(has_output_names<Name>(params));
    set_argument(outputs, static_cast<std::size_t>(name), value);
  }

 private:
  static ValueId argument(const std::vector<ValueId>& list, std::size_t i) {
    return i < list.size() ? list[i] : kAbsent;
  }
  static void set_argument(std::vector<ValueId>& list, std::size_t i, ValueId value) {
    if (i >= list.size()) list.resize(i + 1, kAbsent);
    list[i] = value;
  }
};

/// A straight-line program: ops in an order in which every value is computed before it is used. Layers append
/// to it when they are lowered; the plan's passes rewrite it. Its values are never removed, so that a ValueId
/// stays valid.
class Graph {
 public:
  /// Adds a float32 value that each run provides.
  ValueId add_input(Shape shape);
  /// Adds the value of a variable; the same variable has one value however often it is added. trainable: its
  /// gradient is wanted; true in one of the calls is enough.
  ValueId add_weight(const VariablePtr& variable, bool trainable);
  /// Adds fixed float32 elements; shares them with the tensor.
  ValueId add_constant(Tensor value);
  /// Appends an op with one output of this shape and returns it. inputs: in the order of the op's In, see
  /// op.hpp. Neither inputs nor shapes are checked against the op.
  ValueId add(Params params, std::vector<ValueId> inputs, Shape output);
  /// Appends an op with several new outputs.
  std::vector<ValueId> add_many(Params params, std::vector<ValueId> inputs,
                                const std::vector<Shape>& outputs);
  /// Appends an op whose outputs exist already: weights that it writes, or values of new_value().
  void add_op(Op op) { ops_.push_back(std::move(op)); }
  /// Adds a value that an op appended later computes. It has no name.
  ValueId new_value(Shape shape, DType dtype = DType::float32);

  /// The value of this number. Throws std::out_of_range where there is none, such as for kAbsent. References
  /// are valid until a value is added.
  [[nodiscard]] const Value& value(ValueId id) const { return values_.at(static_cast<std::size_t>(id)); }
  /// The value of this number, to change it.
  [[nodiscard]] Value& value(ValueId id) { return values_.at(static_cast<std::size_t>(id)); }
  /// value(id).shape.
  [[nodiscard]] const Shape& shape(ValueId id) const { return value(id).shape; }
  /// All values, by ValueId.
  [[nodiscard]] const std::vector<Value>& values() const { return values_; }
  /// All ops, in the order in which they run.
  [[nodiscard]] const std::vector<Op>& ops() const { return ops_; }
  /// All ops, to change them: passes insert, replace and remove ops.
  [[nodiscard]] std::vector<Op>& ops() { return ops_; }

  /// The layer that ops added from now on belong to.
  void set_layer(std::string layer) { layer_ = std::move(layer); }
  /// What set_layer() set last; empty at first.
  [[nodiscard]] const std::string& layer() const { return layer_; }

 private:
  std::vector<Value> values_;
  std::vector<Op> ops_;
  std::string layer_;
  std::map<std::string, int> named_;  ///< by layer: how many of its values have a name
};

}  // namespace graft::ops

#pragma GCC visibility pop
