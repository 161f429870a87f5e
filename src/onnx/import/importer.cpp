// SPDX-License-Identifier: Apache-2.0
#include "onnx/import/importer.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "graft/base/json.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/operation.hpp"
#include "graft/layers/reshaping.hpp"

namespace graft {
inline namespace onnx {

using formats::OnnxAttribute;

Order identity_order(std::size_t rank) {
  Order order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

void Importer::refuse_text(const std::string& why) const {
  fail(ErrorKind::unsupported, file_, ": node '", node_->name, "' (", node_->op, ", opset ", opset_, ") ",
       why);
}

void Importer::begin(const formats::OnnxNode& node) {
  node_ = &node;
  for (const std::string& output : node.outputs) outputs_.emplace(output, node.op);
}

bool Importer::has(std::size_t input) const {
  return input < node_->inputs.size() && !node_->inputs[input].empty();
}

const Known& Importer::value(const std::string& name) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return found->second;
  const auto left_out = outputs_.find(name);
  if (left_out == outputs_.end()) broken("reads '", name, "', which nothing computes");
  fail(ErrorKind::unsupported, file_, ": '", name, "' is an output of ", left_out->second, " (opset ", opset_,
       ") that graft does not compute");
}

const Known& Importer::in(std::size_t input) const {
  if (!has(input)) broken("has no input ", input);
  return value(node_->inputs[input]);
}

Tensor Importer::fixed(std::size_t input) const {
  const Known& known = in(input);
  if (!known.fixed)
    refuse("has an input '", node_->inputs[input], "' that is computed; graft needs fixed numbers");
  return known.fixed->to(DType::float32);
}

std::vector<std::int64_t> Importer::integers(std::size_t input) const {
  const Known& known = in(input);
  if (!known.fixed || known.fixed->dtype() != DType::int64)
    refuse("has an input '", node_->inputs[input], "' that is computed; graft needs fixed whole numbers");
  const auto numbers = known.fixed->data<std::int64_t>();
  return {numbers.begin(), numbers.end()};
}

std::int64_t Importer::integer(const char* attribute, std::int64_t fallback) const {
  const OnnxAttribute* found = node_->find(attribute);
  if (found == nullptr) return fallback;
  if (found->kind != OnnxAttribute::Kind::integer) broken("has no number as its ", attribute);
  return found->integer;
}

double Importer::real(const char* attribute, double fallback) const {
  const OnnxAttribute* found = node_->find(attribute);
  if (found == nullptr) return fallback;
  if (found->kind != OnnxAttribute::Kind::real) broken("has no number as its ", attribute);
  return static_cast<double>(found->real);
}

std::string Importer::text(const char* attribute, const std::string& fallback) const {
  const OnnxAttribute* found = node_->find(attribute);
  return found == nullptr ? fallback : found->text;
}

std::vector<std::int64_t> Importer::list(const char* attribute) const {
  const OnnxAttribute* found = node_->find(attribute);
  return found == nullptr ? std::vector<std::int64_t>() : found->integers;
}

std::vector<std::int64_t> Importer::list_or_input(const char* attribute, std::size_t input) const {
  const OnnxAttribute* found = node_->find(attribute);
  if (found != nullptr) return found->integers;
  return has(input) ? integers(input) : std::vector<std::int64_t>();
}

std::optional<double> Importer::number_or_input(const char* attribute, std::size_t input) const {
  const OnnxAttribute* found = node_->find(attribute);
  if (found != nullptr) return real(attribute, 0);
  if (!has(input)) return std::nullopt;
  const Tensor tensor = fixed(input);
  if (tensor.count() != 1) broken("has ", tensor.count(), " numbers as its ", attribute);
  return static_cast<double>(tensor.data()[0]);
}

int Importer::axis(std::int64_t given, std::size_t rank) const {
  const auto axes = static_cast<std::int64_t>(rank);
  const std::int64_t result = given < 0 ? given + axes : given;
  if (result < 0 || result >= axes) broken("names axis ", given, " of a value with ", rank, " axes");
  return static_cast<int>(result);
}

void Importer::result(std::size_t output, Known value) {
  if (output < node_->outputs.size() && !node_->outputs[output].empty())
    define(node_->outputs[output], std::move(value));
}

void Importer::result(Known value) { result(0, std::move(value)); }

Known Importer::same_axes(const Known& from, SymbolicTensor tensor, bool non_negative) {
  Known result = from;
  result.tensor = std::move(tensor);
  result.pooled.reset();
  result.non_negative = non_negative;
  return result;
}

SymbolicTensor Importer::call(const Layer& layer, const std::vector<SymbolicTensor>& inputs) const {
  for (const SymbolicTensor& input : inputs)
    if (input.layer == nullptr) refuse("has fixed numbers where graft needs a value that photos determine");
  try {
    return layer(inputs);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::shape_mismatch && error.kind() != ErrorKind::invalid_argument) throw;
    broken("does not fit its inputs: ", error.what());
  }
}

SymbolicTensor Importer::operation(const char* class_name, const std::vector<SymbolicTensor>& inputs,
                                   const Json& settings, const Json* arguments) {
  Json given = Json::array();
  for (std::size_t i = 0; i < inputs.size(); ++i) given.push_back(layers::tensor_placeholder(i));
  const Layer layer(std::make_shared<layers::Operation>(
      class_name,
      layers::OperationCall{.settings = settings,
                            .arguments = arguments == nullptr ? given : *arguments,
                            .keywords = Json::object()},
      layer_name(0)));
  return call(layer, inputs);
}

SymbolicTensor Importer::operation_with(const char* class_name, const SymbolicTensor& x, const Json& second) {
  const Json arguments = Json::array({layers::tensor_placeholder(0), second});
  return operation(class_name, {x}, Json::object(), &arguments);
}

namespace {

Json nested(const Tensor& values, std::size_t axis, std::size_t& at) {
  if (axis == values.shape().rank()) return values.data()[at++];
  Json list = Json::array();
  for (std::int64_t i = 0; i < values.shape().sizes()[axis]; ++i)
    list.push_back(nested(values, axis + 1, at));
  return list;
}

/// Whether the elements stay in their places: only axes of one element move.
bool keeps_places(const Shape& shape, const std::vector<std::int64_t>& axes) {
  std::int64_t last = -1;
  for (const std::int64_t axis : axes) {
    if (shape[static_cast<int>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

}  // namespace

Json nested_numbers(const Tensor& values) {
  std::size_t at = 0;
  return nested(values, 0, at);
}

Json slice_key(const Json& start, const Json& stop, const Json& step) {
  return {{"class_name", "__slice__"}, {"config", {{"start", start}, {"stop", stop}, {"step", step}}}};
}

SymbolicTensor Importer::arranged(const Known& value, const Order& order) {
  if (value.fixed) refuse("has fixed numbers where graft needs a value that photos determine");
  if (!value.parts.empty()) refuse("mixes photos of a batch");
  SymbolicTensor x = value.tensor;
  if (!value.flat.empty()) {
    const std::vector<std::int64_t>& f = value.flat;
    x = call(layers::Reshape({.target_shape = {f[1], f[2], f[0]}, .name = unique("to_image")}), {x});
    x = call(layers::Permute({.dims = {3, 1, 2}, .name = unique("to_order")}), {x});
    return call(layers::Flatten({.name = unique("flat")}), {x});
  }
  if (value.order == order) return x;
  std::vector<std::int64_t> axes;  // the tensor's axis for each of the result's
  std::vector<std::int64_t> sizes;
  for (const int wanted : order) {
    axes.push_back(std::ranges::find(value.order, wanted) - value.order.begin());
    if (axes.size() > 1) sizes.push_back(x.shape[static_cast<int>(axes.back())]);
  }
  if (axes.size() != value.order.size() || axes.front() != 0) refuse("moves the batch axis");
  axes.erase(axes.begin());
  const bool open = std::ranges::any_of(sizes, [](std::int64_t size) { return size < 0; });
  if (!open && keeps_places(x.shape, axes))
    return call(layers::Reshape({.target_shape = Shape(sizes), .name = unique("to_shape")}), {x});
  return call(layers::Permute({.dims = axes, .name = unique("to_order")}), {x});
}

SymbolicTensor Importer::image(const Known& value) {
  if (value.shape.rank() != 4)
    refuse("has an input ", value.shape, "; graft knows it for images (N, C, H, W)");
  return arranged(value, kImageOrder);
}

SymbolicTensor Importer::plain(const Known& value) {
  return arranged(value, identity_order(value.shape.rank()));
}

std::string Importer::unique(const std::string& wanted) {
  std::string name = wanted;
  for (int n = 1; !names_.insert(name).second; ++n) name = cat(wanted, "_", n);
  return name;
}

std::string Importer::layer_name(std::size_t weight_input) {
  std::string name = node_->name;
  if (weight_input > 0 && has(weight_input)) {
    const std::string& weight = node_->inputs[weight_input];
    const std::size_t end = weight.find_last_of("./");
    // "features.0.weight", "block1/conv/kernel"; not "onnx::Conv_123", which tells nothing.
    if (end != std::string::npos && end > 0 && weight.find("::") == std::string::npos)
      name = weight.substr(0, end);
  }
  if (name == node_->name) {
    // "/layer1/layer1.0/conv1/Conv": the last part is the operator.
    const std::size_t end = name.find_last_of('/');
    if (end != std::string::npos && end > 0 && weight_input > 0) name.resize(end);
  }
  while (!name.empty() && (name.front() == '/' || name.front() == '.')) name.erase(0, 1);
  for (char& letter : name) {
    const bool usual = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9');
    if (!usual && letter != '-') letter = '_';
  }
  if (name.empty()) {
    name = node_->op;
    std::ranges::transform(name, name.begin(),
                           [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  }
  return unique(name.substr(0, 200));
}

void Importer::count_constant(std::int64_t elements) {
  constexpr std::int64_t kMostTogether = std::int64_t{1} << 26;
  constant_elements_ += elements;
  if (constant_elements_ > kMostTogether)
    fail(ErrorKind::resource_limit, file_, " makes constants of more than ", kMostTogether, " numbers");
}

void Importer::set_weights(const Layer& layer, const std::vector<Tensor>& weights) {
  const std::vector<VariablePtr> variables = layer.weights();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    // Exporters share equal weights between nodes; each layer trains its own.
    variables.at(i)->adopt(weights[i].is_shared() ? weights[i].clone() : weights[i]);
  }
}

}  // namespace onnx
}  // namespace graft
