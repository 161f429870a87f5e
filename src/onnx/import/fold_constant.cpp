// SPDX-License-Identifier: Apache-2.0
// Nodes whose inputs are fixed: computed at once. Exporters write sizes of tensors as such arithmetic.
#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "onnx/import/fold.hpp"

namespace graft {
inline namespace onnx {
namespace {

using formats::OnnxAttribute;
using Integers = std::vector<std::int64_t>;

/// float32 or int64, whichever keeps the numbers.
Tensor usual_type(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::float32:
    case DType::float64:
    case DType::float16:
    case DType::bfloat16:
      return tensor.to(DType::float32);
    default:
      return tensor.to(DType::int64);
  }
}

void fold_unary(Importer& importer, const std::function<double(double)>& function) {
  const Tensor x = *importer.in(0).fixed;
  Tensor result = x.to(DType::float64).clone();
  for (double& value : result.data<double>()) value = function(value);
  finish(importer, result.to(x.dtype()));
}

void fold_constant_node(Importer& importer) {
  const formats::OnnxNode& node = importer.node();
  if (const OnnxAttribute* value = node.find("value");
      value != nullptr && value->kind == OnnxAttribute::Kind::tensor)
    return finish(importer, usual_type(value->tensor));
  if (const OnnxAttribute* value = node.find("value_float"); value != nullptr)
    return finish(importer, Tensor::full(Shape(), value->real));
  if (const OnnxAttribute* value = node.find("value_floats"); value != nullptr)
    return finish(importer, Tensor::from({static_cast<std::int64_t>(value->reals.size())},
                                         std::span<const float>(value->reals)));
  Integers numbers;
  Shape shape;
  if (const OnnxAttribute* value = node.find("value_int"); value != nullptr) {
    numbers = {value->integer};
  } else if (const OnnxAttribute* list = node.find("value_ints"); list != nullptr) {
    numbers = list->integers;
    shape = {static_cast<std::int64_t>(numbers.size())};
  } else {
    importer.refuse("holds something else than numbers");
  }
  finish(importer, Tensor::from(shape, std::span<const std::int64_t>(numbers)));
}

/// Since opset 15 from one axis to another.
void fold_shape(Importer& importer) {
  const Integers& all = importer.in(0).shape.sizes();
  const auto rank = static_cast<std::int64_t>(all.size());
  const auto place = [rank](std::int64_t given) {
    return std::clamp<std::int64_t>(given < 0 ? given + rank : given, 0, rank);
  };
  const std::int64_t begin = place(importer.integer("start", 0));
  const std::int64_t end = std::max(begin, place(importer.integer("end", rank)));
  const Integers sizes(all.begin() + begin, all.begin() + end);
  for (std::size_t i = 0; i < sizes.size(); ++i)
    if (sizes[i] < 0 && begin + static_cast<std::int64_t>(i) > 0 && importer.in(0).parts.empty())
      importer.refuse("asks for the open size of axis ", begin + static_cast<std::int64_t>(i),
                      "; export the model for a fixed image size");
  finish(importer,
         Tensor::from({static_cast<std::int64_t>(sizes.size())}, std::span<const std::int64_t>(sizes)));
}

void fold_constant_of_shape(Importer& importer) {
  const Integers sizes = importer.integers(0);
  check_size(importer, sizes);
  const OnnxAttribute* value = importer.node().find("value");
  const Tensor one = value == nullptr ? Tensor(Shape{1}) : usual_type(value->tensor);
  if (one.count() != 1) importer.broken("has no single value");
  Tensor result(Shape(sizes), one.dtype());
  if (one.dtype() == DType::int64)
    std::ranges::fill(result.data<std::int64_t>(), one.data<std::int64_t>()[0]);
  if (one.dtype() == DType::float32) std::ranges::fill(result.data(), one.data()[0]);
  finish(importer, result);
}

void fold_cast(Importer& importer) {
  constexpr std::int64_t kBoolean = 9;
  const std::int64_t to = importer.integer("to", 1);
  const bool real = to == 1 || to == 10 || to == 11 || to == 16;
  const Tensor& x = *importer.in(0).fixed;
  if (to != kBoolean) return finish(importer, x.to(real ? DType::float32 : DType::int64));
  Tensor truth = x.to(DType::float64).clone();
  for (double& value : truth.data<double>()) value = value != 0 ? 1 : 0;
  finish(importer, truth.to(DType::int64));
}

/// Division of whole numbers drops the fraction; that of others does not.
void fold_division(Importer& importer) {
  const bool whole =
      importer.in(0).fixed->dtype() == DType::int64 && importer.in(1).fixed->dtype() == DType::int64;
  fold_binary(importer, [&](double a, double b) {
    if (whole && b == 0) importer.broken("divides by 0");
    return whole ? std::trunc(a / b) : a / b;
  });
}

/// (x - zero point) scale; scale and zero point are one number, or one for each place of an axis.
void fold_dequantize(Importer& importer) {
  const Tensor x = importer.in(0).fixed->to(DType::float64);
  const Tensor scale = importer.in(1).fixed->to(DType::float64);
  const auto rank = static_cast<std::int64_t>(x.shape().rank());
  std::int64_t axis = importer.integer("axis", 1);
  if (axis < 0) axis += rank;
  const bool single = scale.count() == 1;
  if (!single && (axis < 0 || axis >= rank || scale.count() != x.shape()[static_cast<int>(axis)]))
    importer.refuse("has ", scale.count(), " scales for ", x.shape(), " on axis ", axis,
                    "; graft knows one, or one for each place of the axis");
  std::int64_t inner = 1;
  for (std::int64_t i = axis + 1; i < rank && !single; ++i) inner *= x.shape()[static_cast<int>(i)];
  std::optional<Tensor> zero;
  if (importer.has(2)) zero = importer.in(2).fixed->to(DType::float64);
  if (zero && zero->count() != scale.count())
    importer.broken("has ", zero->count(), " zero points for ", scale.count(), " scales");
  Tensor result(x.shape(), DType::float64);
  for (std::size_t i = 0; i < result.data<double>().size(); ++i) {
    const std::size_t at =
        single ? 0 : i / static_cast<std::size_t>(inner) % static_cast<std::size_t>(scale.count());
    const double offset = zero ? zero->data<double>()[at] : 0;
    result.data<double>()[i] = (x.data<double>()[i] - offset) * scale.data<double>()[at];
  }
  finish(importer, result.to(DType::float32));
}

void fold_clip(Importer& importer) {
  const std::optional<double> low = importer.number_or_input("min", 1);
  const std::optional<double> high = importer.number_or_input("max", 2);
  fold_unary(importer, [&](double a) {
    if (low) a = std::max(a, *low);
    return high ? std::min(a, *high) : a;
  });
}

Fold fold_of(const std::string& op) {
  static const std::map<std::string, Fold, std::less<>> folds{
      {"Identity", [](Importer& i) { finish(i, *i.in(0).fixed); }},
      {"Cast", fold_cast},
      {"ConstantOfShape", fold_constant_of_shape},
      {"DequantizeLinear", fold_dequantize},
      {"Add", [](Importer& i) { fold_binary(i, [](double a, double b) { return a + b; }); }},
      {"Sub", [](Importer& i) { fold_binary(i, [](double a, double b) { return a - b; }); }},
      {"Mul", [](Importer& i) { fold_binary(i, [](double a, double b) { return a * b; }); }},
      {"Div", fold_division},
      {"Pow", [](Importer& i) { fold_binary(i, [](double a, double b) { return std::pow(a, b); }); }},
      {"Sqrt", [](Importer& i) { fold_unary(i, [](double a) { return std::sqrt(a); }); }},
      {"Neg", [](Importer& i) { fold_unary(i, [](double a) { return -a; }); }},
      {"Exp", [](Importer& i) { fold_unary(i, [](double a) { return std::exp(a); }); }},
      {"Reciprocal", [](Importer& i) { fold_unary(i, [](double a) { return 1 / a; }); }},
      {"Abs", [](Importer& i) { fold_unary(i, [](double a) { return std::abs(a); }); }},
      {"Relu", [](Importer& i) { fold_unary(i, [](double a) { return a > 0 ? a : 0; }); }},
      {"Sigmoid", [](Importer& i) { fold_unary(i, [](double a) { return 1 / (1 + std::exp(-a)); }); }},
      {"Clip", fold_clip},
      {"Floor", [](Importer& i) { fold_unary(i, [](double a) { return std::floor(a); }); }},
      {"Ceil", [](Importer& i) { fold_unary(i, [](double a) { return std::ceil(a); }); }},
  };
  const auto found = folds.find(op);
  if (found != folds.end()) return found->second;
  const Fold choice = find_choice_fold(op);
  return choice == nullptr ? find_shape_fold(op) : choice;
}

/// Inputs without which the operator is nothing.
std::size_t least_inputs(const std::string& op) {
  using Names = std::set<std::string, std::less<>>;
  static const Names two{"Add",
                         "Sub",
                         "Mul",
                         "Div",
                         "Pow",
                         "Mod",
                         "Gather",
                         "Equal",
                         "Less",
                         "LessOrEqual",
                         "Greater",
                         "GreaterOrEqual",
                         "And",
                         "Or",
                         "Xor",
                         "Expand",
                         "Tile",
                         "MatMul",
                         "DequantizeLinear"};
  static const Names three{"Where", "ScatterND", "Range"};
  return three.contains(op) ? 3 : two.contains(op) ? 2 : 1;
}

}  // namespace

bool fold_constant(Importer& importer) {
  const formats::OnnxNode& node = importer.node();
  if (node.op == "Constant") return fold_constant_node(importer), true;
  if (node.op == "Shape") return fold_shape(importer), true;
  if (node.op == "CastLike" && importer.in(0).fixed) {
    const Known& like = importer.in(1);
    const bool whole = like.fixed && like.fixed->dtype() == DType::int64;
    return finish(importer, importer.in(0).fixed->to(whole ? DType::int64 : DType::float32)), true;
  }
  const Fold fold = fold_of(node.op);
  if (fold == nullptr || node.inputs.empty()) return false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (importer.has(i) && !importer.in(i).fixed) return false;
  const std::size_t least = least_inputs(node.op);
  for (std::size_t i = 0; i < least; ++i) static_cast<void>(importer.in(i));
  fold(importer);
  return true;
}

}  // namespace onnx
}  // namespace graft
