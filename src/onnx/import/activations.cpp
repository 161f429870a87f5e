// SPDX-License-Identifier: Apache-2.0
// Functions of one value, element by element.
#include <algorithm>
#include <cmath>
#include <limits>

#include "graft/base/json.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/operation.hpp"

#include "onnx/import/importer.hpp"

namespace graft {
inline namespace onnx {
namespace {

constexpr double kOpen = std::numeric_limits<double>::infinity();

bool is_close(double a, double b) { return std::abs(a - b) < 1e-4; }

/// The layer on the value as it lies: the order of axes does not matter.
void apply(Importer& importer, const Layer& layer, bool non_negative) {
  const Known& from = importer.in(0);
  importer.result(Importer::same_axes(from, importer.call(layer, {from.tensor}), non_negative));
}

/// Activations without parameters, by ONNX's name: Keras's.
const std::map<std::string, const char*, std::less<>> kNamed{
    {"Sigmoid", "sigmoid"},   {"Tanh", "tanh"},         {"Silu", "silu"},       {"HardSwish", "hard_silu"},
    {"Softplus", "softplus"}, {"Softsign", "softsign"}, {"Exp", "exponential"}, {"Mish", "mish"}};

void convert_named(Importer& importer) {
  const std::string& op = importer.node().op;
  apply(importer, layers::Activation(kNamed.at(op), importer.layer_name(0)),
        op == "Sigmoid" || op == "Exp" || op == "Softplus");
}

void convert_relu(Importer& importer) {
  apply(importer, layers::ReLU({.name = importer.layer_name(0)}), true);
}

void convert_leaky_relu(Importer& importer) {
  const double slope = importer.real("alpha", 0.01);
  if (slope < 0) importer.refuse("has a negative slope");
  apply(importer, layers::LeakyReLU({.negative_slope = slope, .name = importer.layer_name(0)}), false);
}

void convert_elu(Importer& importer) {
  apply(importer, layers::ELU({.alpha = importer.real("alpha", 1), .name = importer.layer_name(0)}), false);
}

/// gamma elu(x, alpha); Keras's has the numbers of the paper, which are the defaults.
void convert_selu(Importer& importer) {
  const double alpha = importer.real("alpha", 1.67326319217681884765625);
  const double gamma = importer.real("gamma", 1.05070102214813232421875);
  if (is_close(alpha, 1.67326324) && is_close(gamma, 1.05070098))
    return apply(importer, layers::Activation("selu", importer.layer_name(0)), false);
  const Known& from = importer.in(0);
  const SymbolicTensor y =
      importer.call(layers::ELU({.alpha = alpha, .name = importer.layer_name(0)}), {from.tensor});
  importer.result(Importer::same_axes(from, importer.operation_with("Multiply", y, gamma), false));
}

void convert_gelu(Importer& importer) {
  const bool approximate = importer.text("approximate", "none") == "tanh";
  const Known& from = importer.in(0);
  const SymbolicTensor y =
      approximate ? importer.operation("Gelu", {from.tensor}, {{"approximate", true}})
                  : importer.call(layers::Activation("gelu", importer.layer_name(0)), {from.tensor});
  importer.result(Importer::same_axes(from, y, false));
}

Known clipped(Importer& importer, const Known& from, double low, double high) {
  if (low == 0 && high > 0) {
    layers::ReLUOptions options{.name = importer.layer_name(0)};
    if (high < kOpen) options.max_value = high;
    return Importer::same_axes(from, importer.call(layers::ReLU(options), {from.tensor}), true);
  }
  Json settings = Json::object();
  if (low > -kOpen) settings["x_min"] = low;
  if (high < kOpen) settings["x_max"] = high;
  return Importer::same_axes(from, importer.operation("Clip", {from.tensor}, settings), low >= 0);
}

void convert_clip(Importer& importer) {
  const double low = importer.number_or_input("min", 1).value_or(-kOpen);
  const double high = importer.number_or_input("max", 2).value_or(kOpen);
  const bool from_below = low < -1e37;  // exporters write the smallest and largest float for none
  importer.result(clipped(importer, importer.in(0), from_below ? -kOpen : low, high > 1e37 ? kOpen : high));
}

void convert_hard_sigmoid(Importer& importer) {
  const double alpha = importer.real("alpha", 0.2);
  const double beta = importer.real("beta", 0.5);
  if (is_close(alpha, 1.0 / 6) && is_close(beta, 0.5))
    return apply(importer, layers::Activation("hard_sigmoid", importer.layer_name(0)), true);
  Known value = importer.in(0);
  value.tensor = importer.operation_with("Multiply", value.tensor, alpha);
  value.tensor = importer.operation_with("Add", value.tensor, beta);
  importer.result(clipped(importer, Importer::same_axes(value, value.tensor, false), 0, 1));
}

void convert_prelu(Importer& importer) {
  const Known& from = importer.in(0);
  const Tensor slope = importer.fixed(1);
  const bool is_image = from.shape.rank() == 4;
  const SymbolicTensor x = is_image ? importer.image(from) : importer.plain(from);
  const std::int64_t channels = x.shape[-1];
  if (slope.count() != channels && slope.count() != 1)
    importer.refuse("has slopes ", slope.shape(), " for ", from.shape);
  layers::PReLUOptions options{.name = importer.layer_name()};
  for (std::int64_t axis = 1; axis + 1 < static_cast<std::int64_t>(x.shape.rank()); ++axis)
    options.shared_axes.push_back(axis);
  const Layer layer = layers::PReLU(options);
  const SymbolicTensor y = importer.call(layer, {x});
  Tensor alpha(layer.weights().front()->shape());
  for (std::size_t c = 0; c < alpha.data().size(); ++c)
    alpha.data()[c] = slope.data()[slope.count() == 1 ? 0 : c];
  Importer::set_weights(layer, {alpha});
  Known result = Importer::same_axes(from, y, false);
  result.order = is_image ? kImageOrder : identity_order(from.shape.rank());
  result.flat.clear();
  importer.result(std::move(result));
}

void convert_softmax(Importer& importer) {
  const Known& from = importer.in(0);
  const std::size_t rank = from.shape.rank();
  const int axis = importer.axis(importer.integer("axis", importer.opset() < 13 ? 1 : -1), rank);
  if (axis == 0) importer.refuse("is over the batch axis");
  // Before opset 13 it is over this axis and all after it together.
  for (int other = axis + 1; importer.opset() < 13 && other < static_cast<int>(rank); ++other)
    if (from.shape[other] != 1) importer.refuse("is over several axes");
  const auto place = std::ranges::find(from.order, axis) - from.order.begin();
  const SymbolicTensor x = from.flat.empty() ? from.tensor : importer.plain(from);
  Known result = Importer::same_axes(
      from, importer.call(layers::Softmax({.axis = place, .name = importer.layer_name(0)}), {x}), true);
  result.flat.clear();
  importer.result(std::move(result));
}

void convert_without_settings(Importer& importer) {
  const Known& from = importer.in(0);
  const std::string& op = importer.node().op;
  const char* keras = op == "Neg" ? "Negative" : "Absolute";
  importer.result(
      Importer::same_axes(from, importer.operation(keras, {from.tensor}, Json::object()), op == "Abs"));
}

}  // namespace

const Operators& activation_operators() {
  static const Operators operators = [] {
    Operators all{
        {"Relu", convert_relu},
        {"LeakyRelu", convert_leaky_relu},
        {"Elu", convert_elu},
        {"Selu", convert_selu},
        {"Gelu", convert_gelu},
        {"Clip", convert_clip},
        {"HardSigmoid", convert_hard_sigmoid},
        {"PRelu", convert_prelu},
        {"Softmax", convert_softmax},
        {"Neg", convert_without_settings},
        {"Abs", convert_without_settings},
    };
    for (const auto& [op, keras_name] : kNamed) all.emplace(op, convert_named);
    return all;
  }();
  return operators;
}

}  // namespace onnx
}  // namespace graft
