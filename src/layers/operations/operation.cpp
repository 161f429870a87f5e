// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/operation.hpp"

#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/registry.hpp"

#include "layers/operations/rule.hpp"

namespace graft {
namespace layers {
namespace {

constexpr const char* kPlaceholder = "__graft_tensor__";

const char* class_name_of(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::add:
      return "Add";
    case Arithmetic::subtract:
      return "Subtract";
    case Arithmetic::multiply:
      return "Multiply";
    case Arithmetic::divide:
      return "TrueDivide";
  }
  fail(ErrorKind::internal, "an operation of no known kind");
}

OperationCall call_of(const std::optional<Operand>& operand) {
  Json arguments = Json::array({tensor_placeholder(0)});
  if (!operand) {
    arguments.push_back(tensor_placeholder(1));
  } else {
    arguments.insert(operand->first ? arguments.begin() : arguments.end(), operand->number);
  }
  return {.settings = Json::object(), .arguments = std::move(arguments), .keywords = Json::object()};
}

RulePtr make_rule(const OperationReader& reader) {
  for (const auto make :
       {&arithmetic_rule, &elementwise_rule, &reduction_rule, &indexing_rule, &shape_rule, &product_rule}) {
    if (RulePtr rule = make(reader)) return rule;
  }
  reader.refuse("is not known; build the model with a layer that does the same, and save it again");
}

}  // namespace

Json tensor_placeholder(std::size_t index) { return {{kPlaceholder, index}}; }

std::optional<std::size_t> placeholder_index(const Json& value) {
  if (!value.is_object() || !value.contains(kPlaceholder)) return std::nullopt;
  return value.at(kPlaceholder).get<std::size_t>();
}

Operation::Operation(Arithmetic arithmetic, const std::optional<Operand>& operand, const std::string& name)
    : Operation(class_name_of(arithmetic), call_of(operand), name) {}

Operation::Operation(const std::string& class_name, OperationCall call, const std::string& name)
    : LayerBase(class_name, name),
      call_(std::move(call)),
      rule_(make_rule({.class_name = this->class_name(), .call = call_, .name = this->name()})) {}

Operation::~Operation() = default;

Shape Operation::output_shape(const std::vector<Shape>& inputs) const { return rule_->output_shape(inputs); }

ops::ValueId Operation::lower(LowerContext& context, const std::vector<ops::ValueId>& inputs) const {
  return rule_->lower(context.graph, inputs);
}

Json Operation::own_config() const { return call_.settings; }

Json Operation::config() const {
  Json config{{"name", name()}};
  config.update(*call_.settings);
  return config;
}

const Operation* as_operation(const LayerBase* layer) { return dynamic_cast<const Operation*>(layer); }

Layer copy_without_weights(const Layer& layer) {
  if (const Operation* operation = as_operation(layer.base().get()))
    return Layer(std::make_shared<Operation>(layer.class_name(), operation->operation_call(), layer.name()));
  return from_config(layer.class_name(), layer.config());
}

}  // namespace layers

namespace {

SymbolicTensor combined(layers::Arithmetic arithmetic, const SymbolicTensor& a, const SymbolicTensor& b) {
  return Layer(std::make_shared<layers::Operation>(arithmetic, std::nullopt))(std::vector{a, b});
}

SymbolicTensor combined(layers::Arithmetic arithmetic, const SymbolicTensor& x, double number) {
  const layers::Operand operand{.number = number};
  return Layer(std::make_shared<layers::Operation>(arithmetic, operand))(x);
}

}  // namespace

SymbolicTensor operator+(const SymbolicTensor& a, const SymbolicTensor& b) {
  return combined(layers::Arithmetic::add, a, b);
}
SymbolicTensor operator-(const SymbolicTensor& a, const SymbolicTensor& b) {
  return combined(layers::Arithmetic::subtract, a, b);
}
SymbolicTensor operator*(const SymbolicTensor& a, const SymbolicTensor& b) {
  return combined(layers::Arithmetic::multiply, a, b);
}
SymbolicTensor operator+(const SymbolicTensor& x, double number) {
  return combined(layers::Arithmetic::add, x, number);
}
SymbolicTensor operator-(const SymbolicTensor& x, double number) {
  return combined(layers::Arithmetic::subtract, x, number);
}
SymbolicTensor operator*(const SymbolicTensor& x, double number) {
  return combined(layers::Arithmetic::multiply, x, number);
}
SymbolicTensor operator/(const SymbolicTensor& x, double number) {
  return combined(layers::Arithmetic::divide, x, number);
}

}  // namespace graft
