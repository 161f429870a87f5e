// SPDX-License-Identifier: Apache-2.0
// Products and sums.
#include <algorithm>
#include <map>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/merging.hpp"
#include "graft/layers/operation.hpp"
#include "graft/ops/permuted.hpp"

#include "onnx/import/woven.hpp"

namespace graft {
inline namespace onnx {
namespace {

using Sizes = std::vector<std::int64_t>;

/// Rows of a kernel for an image flattened as C, H, W, in the order of one flattened as H, W, C.
Tensor rows_for(const Tensor& kernel, const Sizes& flat) {
  if (flat.empty()) return kernel;
  const std::int64_t units = kernel.shape()[1];
  return ops::permuted(kernel.reshape({flat[0], flat[1], flat[2], units}), {1, 2, 0, 3})
      .reshape(kernel.shape());
}

}  // namespace

SymbolicTensor dense_layer(Importer& importer, const SymbolicTensor& x, const Tensor& kernel,
                           const std::optional<Tensor>& bias) {
  const std::int64_t units = kernel.shape()[1];
  if (kernel.shape()[0] != x.shape[-1])
    importer.broken("multiplies ", x.shape, " by a kernel ", kernel.shape());
  if (bias && bias->count() != units && bias->count() != 1)
    importer.refuse("adds ", bias->shape(), " to ", units, " outputs");
  const Layer layer =
      layers::Dense({.units = units, .use_bias = bias.has_value(), .name = importer.layer_name()});
  SymbolicTensor y = importer.call(layer, {x});
  std::vector<Tensor> weights{kernel};
  if (bias)
    weights.push_back(bias->count() == units ? bias->reshape({units})
                                             : Tensor::full({units}, bias->data()[0]));
  Importer::set_weights(layer, weights);
  return y;
}

namespace {

Tensor times(const Tensor& tensor, double factor) {
  if (factor == 1) return tensor;
  Tensor result = tensor.clone();
  for (float& value : result.data()) value = static_cast<float>(value * factor);
  return result;
}

Known rows_value(SymbolicTensor y) {
  Known result;
  result.shape = y.shape;
  result.order = identity_order(y.shape.rank());
  result.tensor = std::move(y);
  return result;
}

}  // namespace

DenseNumbers dense_numbers(Importer& importer) {
  const bool gemm = importer.node().op == "Gemm";
  DenseNumbers numbers{.kernel = importer.fixed(1), .bias = std::nullopt};
  if (numbers.kernel.shape().rank() != 2) {
    if (gemm) importer.broken("has a kernel ", numbers.kernel.shape());
    importer.refuse("multiplies ", importer.in(0).shape, " by ", numbers.kernel.shape());
  }
  if (gemm && importer.integer("transB", 0) != 0) numbers.kernel = ops::permuted(numbers.kernel, {1, 0});
  if (gemm) numbers.kernel = times(numbers.kernel, importer.real("alpha", 1));
  // Of a MatMul: a sum after it, whose inputs join_vectors() appended.
  if (importer.has(2))
    numbers.bias = gemm ? times(importer.fixed(2), importer.real("beta", 1)) : importer.fixed(2);
  return numbers;
}

namespace {

void convert_gemm(Importer& importer) {
  const Known& from = importer.in(0);
  if (from.shape.rank() != 2 || importer.integer("transA", 0) != 0)
    importer.refuse("has an input ", from.shape, " that is turned, or no matrix");
  const DenseNumbers numbers = dense_numbers(importer);
  if (!from.flat.empty() && numbers.kernel.shape()[0] != from.shape[1])
    importer.broken("multiplies ", from.shape, " by a kernel ", numbers.kernel.shape());
  const SymbolicTensor x = from.flat.empty() ? importer.plain(from) : from.tensor;
  importer.result(rows_value(dense_layer(importer, x, rows_for(numbers.kernel, from.flat), numbers.bias)));
}

void convert_matmul(Importer& importer) {
  const Known& from = importer.in(0);
  const Tensor kernel = importer.fixed(1);
  const auto last = static_cast<int>(from.shape.rank()) - 1;
  if (kernel.shape().rank() != 2 || last < 1)
    importer.refuse("multiplies ", from.shape, " by ", kernel.shape());
  if (!from.flat.empty() && kernel.shape()[0] != from.shape[1])
    importer.broken("multiplies ", from.shape, " by a kernel ", kernel.shape());
  const bool as_it_lies = from.order.back() == last;
  const SymbolicTensor x = as_it_lies ? from.tensor : importer.plain(from);
  // A sum after it is the bias: two inputs of its own node were appended by join_bias().
  std::optional<Tensor> bias;
  if (importer.has(2)) bias = importer.fixed(2);
  Known result =
      Importer::same_axes(from, dense_layer(importer, x, rows_for(kernel, from.flat), bias), false);
  result.flat.clear();
  if (!as_it_lies) result.order = identity_order(from.shape.rank());
  result.shape.set(last, kernel.shape()[1]);
  importer.result(std::move(result));
}

/// Fixed numbers as the tensor's axes lie, without the batch axis.
Json constant_for(Importer& importer, const Known& value, const Tensor& numbers) {
  if (numbers.count() == 1) return numbers.data()[0];
  Sizes sizes = numbers.shape().sizes();
  const std::size_t rank = value.shape.rank();
  if (sizes.size() > rank) importer.refuse("combines ", value.shape, " with fixed ", numbers.shape());
  sizes.insert(sizes.begin(), rank - sizes.size(), 1);
  if (sizes.front() != 1)
    importer.refuse("combines ", value.shape, " with fixed numbers ", numbers.shape(), " of a batch");
  if (numbers.count() > kMostNumbers)
    importer.refuse("combines values with more than ", kMostNumbers, " fixed numbers");
  const Tensor turned = ops::permuted(numbers.reshape(Shape(sizes)), value.order);
  return nested_numbers(turned.reshape(turned.shape().without_batch()));
}

}  // namespace

const BinaryOperator* binary_operator(const std::string& op) {
  static const std::map<std::string, BinaryOperator, std::less<>> operators{
      {"Add", {"Add", [](const std::string& name) { return layers::Add(name); }}},
      {"Sum", {"Add", [](const std::string& name) { return layers::Add(name); }}},
      {"Sub", {"Subtract", [](const std::string& name) { return layers::Subtract(name); }}},
      {"Mul", {"Multiply", [](const std::string& name) { return layers::Multiply(name); }}},
      {"Max", {"Maximum", [](const std::string& name) { return layers::Maximum(name); }}},
      {"Min", {"Minimum", [](const std::string& name) { return layers::Minimum(name); }}},
      {"Div", {"TrueDivide", nullptr}},
  };
  const auto found = operators.find(op);
  return found == operators.end() ? nullptr : &found->second;
}

namespace {

const BinaryOperator& operator_of(const std::string& op) {
  const BinaryOperator* found = binary_operator(op);
  if (found == nullptr) fail(ErrorKind::invalid_argument, "no operator of two values: ", op);
  return *found;
}

}  // namespace

SymbolicTensor combined(Importer& importer, const std::vector<SymbolicTensor>& values) {
  const BinaryOperator& known = operator_of(importer.node().op);
  if (known.layer == nullptr) return importer.operation(known.keras, values, Json::object());
  return importer.call(known.layer(importer.layer_name(0)), values);
}

namespace {

void with_constant(Importer& importer, bool constant_first) {
  Known value = importer.in(constant_first ? 1 : 0);
  if (!value.flat.empty()) value = rows_value(importer.plain(value));
  const Tensor numbers = importer.fixed(constant_first ? 0 : 1);
  const std::string& op = importer.node().op;
  if (numbers.shape().rank() > value.shape.rank()) importer.refuse("adds axes to ", value.shape);
  Json arguments = Json::array({layers::tensor_placeholder(0)});
  arguments.insert(constant_first ? arguments.begin() : arguments.end(),
                   constant_for(importer, value, numbers));
  const bool keeps_sign = value.non_negative && (op == "Add" || op == "Mul" || op == "Div") &&
                          std::ranges::all_of(numbers.data(), [](float number) { return number >= 0; });
  SymbolicTensor y = importer.operation(operator_of(op).keras, {value.tensor}, Json::object(), &arguments);
  if (y.shape != value.tensor.shape)
    importer.refuse("repeats ", value.shape, " along axes of fixed numbers ", numbers.shape());
  importer.result(Importer::same_axes(value, std::move(y), keeps_sign));
}

Shape broadcast(const Importer& importer, const Shape& a, const Shape& b) {
  if (a.rank() != b.rank())
    importer.refuse("combines ", a, " and ", b, ", which have different numbers of axes");
  Shape result = a;
  for (int axis = 0; axis < static_cast<int>(a.rank()); ++axis) {
    if (a[axis] == b[axis]) continue;
    if (a[axis] != 1 && b[axis] != 1) importer.broken("combines ", a, " and ", b);
    result.set(axis, a[axis] == 1 ? b[axis] : a[axis]);
  }
  return result;
}

void convert_binary(Importer& importer) {
  const std::string& op = importer.node().op;
  if (importer.node().inputs.size() == 1) return importer.result(importer.in(0));
  if (importer.node().inputs.size() != 2)
    importer.refuse("has ", importer.node().inputs.size(), " inputs; graft knows it for two");
  const Known& a = importer.in(0);
  const Known& b = importer.in(1);
  if (a.fixed && b.fixed) importer.refuse("combines fixed numbers in a way that graft does not compute");
  if (a.fixed || b.fixed) return with_constant(importer, a.fixed.has_value());
  const bool alike = a.order == b.order && a.flat == b.flat;
  const Order order = alike || a.flat.empty() ? a.order : identity_order(2);
  Known result = a;
  result.shape = broadcast(importer, a.shape, b.shape);
  result.order = order;
  if (!alike) result.flat.clear();
  const std::vector<SymbolicTensor> inputs{alike ? a.tensor : importer.arranged(a, order),
                                           alike ? b.tensor : importer.arranged(b, order)};
  result.tensor = combined(importer, inputs);
  result.non_negative = a.non_negative && b.non_negative && op != "Sub";
  result.pooled.reset();
  importer.result(std::move(result));
}

void convert_pow(Importer& importer) {
  const Known& from = importer.in(0);
  const Tensor power = importer.fixed(1);
  if (power.count() != 1 || power.data()[0] != 2) importer.refuse("is to another power than 2");
  importer.result(
      Importer::same_axes(from, importer.operation("Square", {from.tensor}, Json::object()), true));
}

}  // namespace

const Operators& arithmetic_operators() {
  static const Operators operators{
      {"Gemm", convert_gemm},  {"MatMul", convert_matmul}, {"Add", convert_binary}, {"Sub", convert_binary},
      {"Mul", convert_binary}, {"Div", convert_binary},    {"Max", convert_binary}, {"Min", convert_binary},
      {"Sum", convert_binary}, {"Pow", convert_pow}};
  return operators;
}

}  // namespace onnx
}  // namespace graft
