// SPDX-License-Identifier: Apache-2.0
#include "graft/layers/operation.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/fail.hpp"

#include "layers/layer_class.hpp"
#include "layers/lowering.hpp"

namespace graft {
namespace layers {
namespace {

struct ClassName {
  Arithmetic arithmetic;
  const char* name;
};
constexpr std::array<ClassName, 4> kClassNames{{{Arithmetic::add, "Add"},
                                                {Arithmetic::subtract, "Subtract"},
                                                {Arithmetic::multiply, "Multiply"},
                                                {Arithmetic::divide, "TrueDivide"}}};

const char* class_name_of(Arithmetic arithmetic) {
  return std::ranges::find(kClassNames, arithmetic, &ClassName::arithmetic)->name;
}

ops::ValueId scale_shift(ops::Graph& graph, ops::ValueId x, float scale, float shift) {
  const Shape shape = graph.shape(x);
  const ops::ValueId factor = constant_vector(graph, shape[-1], scale);
  const ops::ValueId offset = constant_vector(graph, shape[-1], shift);
  return graph.add(ops::ScaleShift{}, {x, factor, offset}, shape);
}

/// An operation with a number as x scale + shift.
struct Affine {
  double scale = 1, shift = 0;
};
Affine affine(Arithmetic arithmetic, const Operand& operand) {
  switch (arithmetic) {
    case Arithmetic::add:
      return {1, operand.number};
    case Arithmetic::subtract:
      return operand.first ? Affine{-1, operand.number} : Affine{1, -operand.number};
    case Arithmetic::multiply:
      return {operand.number, 0};
    case Arithmetic::divide:
      return {1 / operand.number, 0};
  }
  fail(ErrorKind::internal, "an operation of no known kind");
}

}  // namespace

Operation::Operation(Arithmetic arithmetic, const std::optional<Operand>& operand, const std::string& name)
    : LayerBase(class_name_of(arithmetic), name), arithmetic_(arithmetic), operand_(operand) {
  const bool divides = arithmetic == Arithmetic::divide;
  if (divides && operand && !operand->first && operand->number == 0)
    fail(ErrorKind::invalid_argument, class_name(), " '", this->name(), "' divides by 0");
  if (operand && !std::isfinite(operand->number)) {
    fail(ErrorKind::invalid_argument, class_name(), " '", this->name(),
         "': expected a finite number, received ", operand->number);
  }
  const bool product_of_tensors = !operand && (divides || arithmetic == Arithmetic::multiply);
  if (product_of_tensors || (divides && operand && operand->first)) {
    fail(ErrorKind::unsupported, class_name(), " '", this->name(), "': graft can ",
         divides ? "divide a tensor by a number only" : "multiply tensors in a layer Multiply only");
  }
}

Shape Operation::output_shape(const std::vector<Shape>& inputs) const {
  if (operand_) return only_input(inputs, 0);
  if (inputs.size() != 2) {
    fail(ErrorKind::invalid_argument, class_name(), " '", name(), "': expected two tensors, received ",
         inputs.size());
  }
  if (inputs[0] != inputs[1]) bad_input(cat("tensors of equal shapes, the first is ", inputs[0]), inputs[1]);
  return inputs[0];
}

ops::ValueId Operation::lower(LowerContext& context, const std::vector<ops::ValueId>& inputs) const {
  ops::Graph& graph = context.graph;
  if (operand_) {
    const Affine map = affine(arithmetic_, *operand_);
    return scale_shift(graph, inputs[0], static_cast<float>(map.scale), static_cast<float>(map.shift));
  }
  const bool subtracts = arithmetic_ == Arithmetic::subtract;
  const ops::ValueId second = subtracts ? scale_shift(graph, inputs[1], -1, 0) : inputs[1];
  return graph.add(ops::Add{}, {inputs[0], second}, graph.shape(inputs[0]));
}

Json Operation::own_config() const { return Json::object(); }

Json Operation::config() const { return {{"name", name()}}; }

Layer operation_from_config(const std::string& class_name, const Json& config,
                            const std::optional<Operand>& operand) {
  const auto known = std::ranges::find(kClassNames, class_name, &ClassName::name);
  const std::string name = layer_reader(config).text("name", "");
  if (known == kClassNames.end()) {
    fail(ErrorKind::unsupported, "operation '", name, "' is a ", class_name,
         ", which graft does not know; known are Add, Subtract, Multiply and TrueDivide");
  }
  return Layer(std::make_shared<Operation>(known->arithmetic, operand, name));
}

const Operation* as_operation(const LayerBase* layer) { return dynamic_cast<const Operation*>(layer); }

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
