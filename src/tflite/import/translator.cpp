// SPDX-License-Identifier: Apache-2.0
#include "tflite/import/translator.hpp"

namespace graft {
inline namespace tflite {

using formats::OnnxAttribute;

namespace {

/// Place of an element along an axis.
std::size_t along(std::size_t element, const Shape& shape, std::size_t axis) {
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < shape.rank(); ++i) inner *= static_cast<std::size_t>(shape.sizes()[i]);
  return element / inner % static_cast<std::size_t>(shape.sizes()[axis]);
}

}  // namespace

Tensor real_numbers(const TfliteTensor& tensor, const std::string& file) {
  Tensor values = tensor.value->to(DType::float32);
  const formats::TfliteQuantization& q = tensor.quantization;
  if (q.scale.empty() || tensor.dtype == DType::float32 || tensor.dtype == DType::float16) return values;
  const auto axis = static_cast<std::size_t>(q.axis);
  const bool each = q.scale.size() > 1;
  if (each && (axis >= values.shape().rank() ||
               static_cast<std::int64_t>(q.scale.size()) != values.shape().sizes()[axis]))
    fail(ErrorKind::bad_file, file, ": tensor '", tensor.name, "' has ", q.scale.size(), " scales for ",
         values.shape());
  if (q.zero_point.size() > 1 && q.zero_point.size() != q.scale.size())
    fail(ErrorKind::bad_file, file, ": tensor '", tensor.name,
         "' has other numbers of scales and zero points");
  // A copy of its own: to() may share.
  Tensor result(values.shape());
  const auto from = values.data();
  const auto to = result.data();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t place = each ? along(i, values.shape(), axis) : 0;
    const std::int64_t zero = q.zero_point.empty() ? 0 : q.zero_point[q.zero_point.size() > 1 ? place : 0];
    to[i] = static_cast<float>((static_cast<double>(from[i]) - static_cast<double>(zero)) * q.scale[place]);
  }
  return result;
}

const TfliteTensor& Translator::in(std::size_t input) const {
  if (!has(input))
    fail(ErrorKind::bad_file, file_, ": operator ", formats::to_string(op_->op), " has no input ", input);
  return tensor(op_->inputs[input]);
}

std::string Translator::unique(const std::string& wanted) {
  const int before = taken_[wanted]++;
  return before == 0 ? wanted : unique(cat(wanted, "_", before));
}

std::string Translator::name_of(std::int32_t place) {
  const auto found = names_.find(place);
  if (found != names_.end()) return found->second;
  const TfliteTensor& wanted = tensor(place);
  if (!wanted.value)
    fail(ErrorKind::bad_file, file_, " reads '", wanted.name, "', which no operator computes before");
  return names_[place] = constant(real_numbers(wanted, file_), wanted.name);
}

std::string Translator::name(std::size_t input) {
  static_cast<void>(in(input));
  return name_of(op_->inputs[input]);
}

Tensor Translator::fixed(std::size_t input) const {
  const TfliteTensor& wanted = in(input);
  if (wanted.value) return real_numbers(wanted, file_);
  // A kernel in 16 bits passes a DEQUANTIZE.
  for (const TfliteOperator& other : graph_.operators) {
    if (other.op != TfliteOp::dequantize || other.outputs != std::vector<std::int32_t>{op_->inputs[input]})
      continue;
    if (other.inputs.size() == 1 && other.inputs[0] >= 0 && tensor(other.inputs[0]).value)
      return real_numbers(tensor(other.inputs[0]), file_);
  }
  refuse("has an input '", wanted.name, "' that is computed; graft needs fixed numbers");
}

std::vector<std::int64_t> Translator::integers(std::size_t input) const {
  const TfliteTensor& wanted = in(input);
  if (!wanted.value || (wanted.dtype != DType::int32 && wanted.dtype != DType::int64))
    refuse("has an input '", wanted.name, "' that is computed; graft needs fixed whole numbers");
  const Tensor wide = wanted.value->to(DType::int64);
  const auto numbers = wide.data<std::int64_t>();
  return {numbers.begin(), numbers.end()};
}

std::string Translator::add(const std::string& onnx_op, Names inputs, std::vector<OnnxAttribute> attributes) {
  const std::string node = unique(cat(op_ == nullptr ? std::string("input") : out().name, "/", onnx_op));
  onnx_.nodes.push_back({.op = onnx_op,
                         .name = node,
                         .domain = {},
                         .inputs = std::move(inputs),
                         .outputs = {node + ":0"},
                         .attributes = std::move(attributes)});
  return node + ":0";
}

std::string Translator::constant(const Tensor& value, const std::string& wanted) {
  onnx_.initializers.push_back({unique(wanted), value});
  return onnx_.initializers.back().name;
}

std::string Translator::integers_of(const std::vector<std::int64_t>& values) {
  return constant(
      Tensor::from({static_cast<std::int64_t>(values.size())}, std::span<const std::int64_t>(values)),
      "sizes");
}

std::string Translator::channels_first(const std::string& x) {
  return add("Transpose", {x}, {OnnxAttribute::of("perm", std::vector<std::int64_t>{0, 3, 1, 2})});
}

std::string Translator::channels_last(const std::string& x) {
  return add("Transpose", {x}, {OnnxAttribute::of("perm", std::vector<std::int64_t>{0, 2, 3, 1})});
}

void Translator::result(std::string value) {
  constexpr float kSix = 6;
  switch (static_cast<formats::TfliteActivation>(op_->settings.activation)) {
    case formats::TfliteActivation::none:
      break;
    case formats::TfliteActivation::relu:
      value = add("Relu", {value});
      break;
    case formats::TfliteActivation::relu6:
      value = add("Clip", {value, number(0), number(kSix)});
      break;
    case formats::TfliteActivation::relu_n1_to_1:
      value = add("Clip", {value, number(-1), number(1)});
      break;
    case formats::TfliteActivation::tanh:
      value = add("Tanh", {value});
      break;
    default:
      refuse("applies an activation that graft does not know");
  }
  names_[op_->outputs.front()] = value;
}

}  // namespace tflite
}  // namespace graft
