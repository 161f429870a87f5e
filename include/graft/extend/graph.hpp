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

using ValueId = int;
inline constexpr ValueId kAbsent = -1;

/// Where a value's elements come from.
enum class ValueKind {
  input,     ///< given at each run
  weight,    ///< a Variable's value
  constant,  ///< fixed elements
  computed,  ///< an op's output
};

/// One tensor that flows through the graph.
struct Value {
  Shape shape;
  DType dtype = DType::float32;  ///< of a computed value also bfloat16 (mixed precision), uint8 or int8
  float scale = 1;               ///< of uint8 and int8: what 1 stands for; 0 stands for 0
  ValueKind kind = ValueKind::computed;
  VariablePtr variable;    ///< of a weight
  bool trainable = false;  ///< of a weight: its gradient is wanted
  Tensor constant;         ///< of a constant
  std::string name;        ///< of what layers appended: "block1/conv:0", the layer and a number; else empty
};

/// Whether Name is the enumeration of the op's inputs (outputs).
template <typename Name>
[[nodiscard]] bool has_input_names(const Params& params) {
  return std::visit([]<typename Op>(const Op&) { return std::is_same_v<typename Op::In, Name>; }, params);
}
template <typename Name>
[[nodiscard]] bool has_output_names(const Params& params) {
  return std::visit([]<typename Op>(const Op&) { return std::is_same_v<typename Op::Out, Name>; }, params);
}

/// One operation. layer names the model's layer it came from (path with '/'), for messages and profiles.
struct Op {
  Params params;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::string layer;

  /// The argument of this name, such as in(Convolution::In::residual); kAbsent where it is absent or left
  /// out. The name must be one of this op's.
  template <typename Name>
  [[nodiscard]] ValueId in(Name name) const {
    assert(has_input_names<Name>(params));
    return argument(inputs, static_cast<std::size_t>(name));
  }
  template <typename Name>
  [[nodiscard]] ValueId out(Name name) const {
    assert(has_output_names<Name>(params));
    return argument(outputs, static_cast<std::size_t>(name));
  }
  template <typename Name>
  void set_in(Name name, ValueId value) {
    assert(has_input_names<Name>(params));
    set_argument(inputs, static_cast<std::size_t>(name), value);
  }
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
/// to it when they are lowered; the plan's passes rewrite it.
class Graph {
 public:
  ValueId add_input(Shape shape);
  /// The same variable gives the same value each time.
  ValueId add_weight(const VariablePtr& variable, bool trainable);
  ValueId add_constant(Tensor value);
  /// Appends an op with one output of this shape and returns it.
  ValueId add(Params params, std::vector<ValueId> inputs, Shape output);
  /// Appends an op with several new outputs.
  std::vector<ValueId> add_many(Params params, std::vector<ValueId> inputs,
                                const std::vector<Shape>& outputs);
  /// Appends an op over existing values.
  void append(Op op) { ops_.push_back(std::move(op)); }
  ValueId new_value(Shape shape, DType dtype = DType::float32);

  [[nodiscard]] const Value& value(ValueId id) const { return values_.at(static_cast<std::size_t>(id)); }
  [[nodiscard]] Value& value(ValueId id) { return values_.at(static_cast<std::size_t>(id)); }
  [[nodiscard]] const Shape& shape(ValueId id) const { return value(id).shape; }
  [[nodiscard]] const std::vector<Value>& values() const { return values_; }
  [[nodiscard]] const std::vector<Op>& ops() const { return ops_; }
  [[nodiscard]] std::vector<Op>& ops() { return ops_; }

  /// The layer that ops added from now on belong to.
  void set_layer(std::string layer) { layer_ = std::move(layer); }
  [[nodiscard]] const std::string& layer() const { return layer_; }

 private:
  std::vector<Value> values_;
  std::vector<Op> ops_;
  std::string layer_;
  std::map<std::string, int> named_;  ///< by layer: how many of its values have a name
};

}  // namespace graft::ops

#pragma GCC visibility pop
