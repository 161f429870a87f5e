// SPDX-License-Identifier: Apache-2.0
// Products, sums, activations and what moves elements.
#include <algorithm>
#include <array>

#include "graft/ops/permuted.hpp"

#include "tflite/import/translator.hpp"

namespace graft {
inline namespace tflite {
namespace {

using formats::OnnxAttribute;

/// Operators that are ONNX's under another name, with the same inputs.
struct SameOperator {
  TfliteOp op;
  const char* onnx;
};
constexpr std::array kSame{
    SameOperator{TfliteOp::add, "Add"},
    SameOperator{TfliteOp::sub, "Sub"},
    SameOperator{TfliteOp::mul, "Mul"},
    SameOperator{TfliteOp::div, "Div"},
    SameOperator{TfliteOp::maximum, "Max"},
    SameOperator{TfliteOp::minimum, "Min"},
    SameOperator{TfliteOp::relu, "Relu"},
    SameOperator{TfliteOp::logistic, "Sigmoid"},
    SameOperator{TfliteOp::tanh, "Tanh"},
    SameOperator{TfliteOp::exp, "Exp"},
    SameOperator{TfliteOp::abs, "Abs"},
    SameOperator{TfliteOp::neg, "Neg"},
    SameOperator{TfliteOp::hard_swish, "HardSwish"},
    SameOperator{TfliteOp::elu, "Elu"},
    // Integers became real numbers already.
    SameOperator{TfliteOp::quantize, "Identity"},
    SameOperator{TfliteOp::dequantize, "Identity"},
};

/// The sizes of a computed value: the first is the batch.
Integers sizes_of(const Translator& t, const TfliteTensor& value) {
  Integers sizes = value.shape.sizes();
  if (sizes.empty()) t.refuse("has no batch axis");
  sizes.front() = -1;
  if (std::ranges::count(sizes, -1) > 1) t.refuse("makes an image of open size");
  return sizes;
}

void translate_fully_connected(Translator& t) {
  const Tensor given = t.fixed(1);
  if (given.shape().rank() != 2) t.refuse("has a kernel ", given.shape());
  const std::int64_t inputs = given.shape()[1];
  const TfliteTensor& in = t.in(0);
  std::string x = t.name(0);
  const bool keeps = t.op().settings.keep_dims && in.shape.rank() > 2;
  if (!keeps && in.shape.rank() != 2) x = t.add("Reshape", {x, t.integers_of({-1, inputs})});
  const std::string kernel_name = t.in(1).name;
  const std::string kernel = t.constant(ops::permuted(given, {1, 0}), kernel_name);
  std::string y;
  if (keeps) {
    y = t.add("MatMul", {x, kernel});
    if (t.has(2)) y = t.add("Add", {y, t.name(2)});
  } else {
    Names all{x, kernel};
    if (t.has(2)) all.push_back(t.name(2));
    y = t.add("Gemm", std::move(all));
  }
  t.result(y);
}

void translate_reduction(Translator& t) {
  const char* op = t.op().op == TfliteOp::mean ? "ReduceMean" : "ReduceMax";
  t.result(t.add(op, {t.name(0)},
                 {OnnxAttribute::of("axes", t.integers(1)),
                  OnnxAttribute::of("keepdims", std::int64_t{t.op().settings.keep_dims ? 1 : 0})}));
}

void translate_concatenation(Translator& t) {
  Names parts;
  for (std::size_t i = 0; i < t.op().inputs.size(); ++i) parts.push_back(t.name(i));
  t.result(
      t.add("Concat", std::move(parts), {OnnxAttribute::of("axis", std::int64_t{t.op().settings.axis})}));
}

void translate_slice(Translator& t) {
  const Integers begin = t.integers(1), size = t.integers(2);
  if (begin.size() != size.size() || begin.size() != t.in(0).shape.rank())
    t.refuse("has lists of other lengths than its value has axes");
  constexpr std::int64_t kToTheEnd = std::int64_t{1} << 31U;
  Integers ends, axes, begins;
  for (std::size_t i = 0; i < begin.size(); ++i) {
    const bool whole = begin[i] == 0 && (size[i] < 0 || t.in(0).shape.sizes()[i] == size[i] || i == 0);
    if (whole) continue;
    axes.push_back(static_cast<std::int64_t>(i));
    begins.push_back(begin[i]);
    ends.push_back(size[i] < 0 ? kToTheEnd : begin[i] + size[i]);
  }
  if (axes.empty()) return t.result(t.add("Identity", {t.name(0)}));
  t.result(t.add("Slice", {t.name(0), t.integers_of(begins), t.integers_of(ends), t.integers_of(axes)}));
}

/// A slope for each channel stands in front, as ONNX's images have it.
void translate_prelu(Translator& t) {
  const Tensor slope = t.fixed(1);
  const Shape& x = t.in(0).shape;
  if (x.rank() != 4 || slope.count() != x[3]) return t.result(t.add("PRelu", {t.name(0), t.name(1)}));
  const std::string slopes = t.constant(slope.reshape({slope.count(), 1, 1}), "slopes");
  t.result(t.channels_last(t.add("PRelu", {t.channels_first(t.name(0)), slopes})));
}

void translate_softmax(Translator& t) {
  const float beta = t.op().settings.beta;
  std::string x = t.name(0);
  if (beta != 1) x = t.add("Mul", {x, t.number(beta)});
  t.result(t.add("Softmax", {x}, {OnnxAttribute::of("axis", std::int64_t{-1})}));
}

}  // namespace

bool translate_other(Translator& t) {
  constexpr float kSix = 6;
  const auto* const same = std::ranges::find(kSame, t.op().op, &SameOperator::op);
  if (same != kSame.end()) {
    Names inputs;
    for (std::size_t i = 0; i < t.op().inputs.size(); ++i) inputs.push_back(t.name(i));
    t.result(t.add(same->onnx, std::move(inputs)));
    return true;
  }
  switch (t.op().op) {
    case TfliteOp::fully_connected:
      translate_fully_connected(t);
      return true;
    case TfliteOp::mean:
    case TfliteOp::reduce_max:
      translate_reduction(t);
      return true;
    case TfliteOp::concatenation:
      translate_concatenation(t);
      return true;
    case TfliteOp::slice:
      translate_slice(t);
      return true;
    case TfliteOp::prelu:
      translate_prelu(t);
      return true;
    case TfliteOp::softmax:
      translate_softmax(t);
      return true;
    case TfliteOp::relu6:
      t.result(t.add("Clip", {t.name(0), t.number(0), t.number(kSix)}));
      return true;
    case TfliteOp::relu_n1_to_1:
      t.result(t.add("Clip", {t.name(0), t.number(-1), t.number(1)}));
      return true;
    case TfliteOp::leaky_relu:
      t.result(t.add("LeakyRelu", {t.name(0)}, {OnnxAttribute::of("alpha", t.op().settings.alpha)}));
      return true;
    case TfliteOp::gelu:
      t.result(t.add(
          "Gelu", {t.name(0)},
          {OnnxAttribute::of("approximate", std::string(t.op().settings.approximate ? "tanh" : "none"))}));
      return true;
    case TfliteOp::reshape:
    case TfliteOp::squeeze:
      t.result(t.add("Reshape", {t.name(0), t.integers_of(sizes_of(t, t.out()))}));
      return true;
    case TfliteOp::transpose:
      t.result(t.add("Transpose", {t.name(0)}, {OnnxAttribute::of("perm", t.integers(1))}));
      return true;
    default:
      return false;
  }
}

}  // namespace tflite
}  // namespace graft
