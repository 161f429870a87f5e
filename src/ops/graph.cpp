// SPDX-License-Identifier: Apache-2.0
#include "graft/extend/graph.hpp"

#include <utility>

namespace graft::ops {

ValueId Graph::new_value(Shape shape, DType dtype) {
  Value& value = values_.emplace_back();
  value.shape = std::move(shape);
  value.dtype = dtype;
  return static_cast<ValueId>(values_.size() - 1);
}

ValueId Graph::add_input(Shape shape) {
  const ValueId id = new_value(std::move(shape));
  values_.back().source = InputValue{};
  return id;
}

ValueId Graph::add_weight(const VariablePtr& variable, bool trainable) {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    auto* weight = std::get_if<WeightValue>(&values_[i].source);
    if (weight == nullptr || weight->variable != variable) continue;
    weight->trainable = weight->trainable || trainable;
    return static_cast<ValueId>(i);
  }
  const ValueId id = new_value(variable->shape());
  values_.back().source = WeightValue{variable, trainable};
  return id;
}

ValueId Graph::add_constant(Tensor value) {
  const ValueId id = new_value(value.shape());
  values_.back().source = ConstantValue{std::move(value)};
  return id;
}

ValueId Graph::add(Params params, std::vector<ValueId> inputs, Shape output) {
  return add_many(std::move(params), std::move(inputs), {std::move(output)}).front();
}

std::vector<ValueId> Graph::add_many(Params params, std::vector<ValueId> inputs,
                                     const std::vector<Shape>& outputs) {
  std::vector<ValueId> ids;
  ids.reserve(outputs.size());
  int& number = named_[layer_];
  for (const Shape& shape : outputs) {
    ids.push_back(new_value(shape));
    values_.back().name = layer_ + ":" + std::to_string(number++);
  }
  ops_.push_back({std::move(params), std::move(inputs), ids, layer_});
  return ids;
}

}  // namespace graft::ops
