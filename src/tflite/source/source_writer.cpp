// SPDX-License-Identifier: Apache-2.0
#include "tflite/source/source_writer.hpp"

#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"

#include "tflite/same_padding.hpp"

namespace graft {
inline namespace tflite {

using formats::TfliteOp;

SourceWriter::Four SourceWriter::four(const Shape& shape) {
  constexpr std::size_t kAxes = 4;
  if (shape.rank() > kAxes) fail(ErrorKind::unsupported, "C++ source cannot be written of a value ", shape);
  Four result{1, 1, 1, 1};
  for (std::size_t i = 0; i < shape.rank(); ++i)
    result.at(kAxes - shape.rank() + i) = std::max<std::int64_t>(shape.sizes()[i], 1);
  return result;
}

std::string SourceWriter::text(const Four& shape) {
  return cat("{", shape[0], ", ", shape[1], ", ", shape[2], ", ", shape[3], "}");
}

std::string SourceWriter::data(const Operator& op, std::size_t input) {
  if (input >= op.inputs.size() || op.inputs[input] < 0) return "nullptr";
  const std::int32_t place = op.inputs[input];
  if (place == graph_.inputs.front()) return "image.data()";
  const formats::TfliteTensor& value = tensor(place);
  if (!value.value) return cat("v", place, ".data()");
  const auto [found, added] = places_.emplace(place, weights_);
  if (added) {
    constants_.push_back(value.value->to(DType::float32));
    weights_ += static_cast<std::uint64_t>(value.value->count());
  }
  return cat("k + ", found->second);
}

std::string SourceWriter::result(const Operator& op) const { return cat("v", op.outputs[0], ".data()"); }

std::vector<std::int64_t> SourceWriter::integers(const Operator& op, std::size_t input) const {
  const Tensor wide = tensor(op.inputs[input]).value->to(DType::int64);
  const auto numbers = wide.data<std::int64_t>();
  return {numbers.begin(), numbers.end()};
}

void SourceWriter::line(const std::string& call) { body_ += cat("    ", call, ";\n"); }

std::string SourceWriter::window(const Operator& op, std::int64_t height, std::int64_t width) const {
  const formats::TfliteSettings& s = op.settings;
  const Four in = shape(op, 0);
  const auto before = [&](std::int64_t input, std::int64_t size, std::int64_t stride, std::int64_t dilation) {
    return s.padding != 0 ? 0 : same_padding(input, size, stride, dilation).before;
  };
  return cat("{", height, ", ", width, ", ", s.stride_height, ", ", s.stride_width, ", ", s.dilation_height,
             ", ", s.dilation_width, ", ", before(in[1], height, s.stride_height, s.dilation_height), ", ",
             before(in[2], width, s.stride_width, s.dilation_width), "}");
}

bool SourceWriter::write_window(const Operator& op) {
  const int activation = op.settings.activation;
  const std::string in = text(shape(op, 0)), out = text(shape(op));
  switch (op.op) {
    case TfliteOp::conv_2d: {
      const Four kernel = shape(op, 1);
      line(cat("conv_2d(", data(op, 0), ", ", in, ", ", data(op, 1), ", ", data(op, 2), ", ",
               window(op, kernel[1], kernel[2]), ", ", shape(op, 0)[3] / kernel[3], ", ", activation, ", ",
               result(op), ", ", out, ")"));
      return true;
    }
    case TfliteOp::depthwise_conv_2d: {
      const Four kernel = shape(op, 1);
      line(cat("depthwise_conv_2d(", data(op, 0), ", ", in, ", ", data(op, 1), ", ", data(op, 2), ", ",
               window(op, kernel[1], kernel[2]), ", ", kernel[3] / shape(op, 0)[3], ", ", activation, ", ",
               result(op), ", ", out, ")"));
      return true;
    }
    case TfliteOp::max_pool_2d:
    case TfliteOp::average_pool_2d:
      line(cat("pool_2d(", op.op == TfliteOp::max_pool_2d, ", ", data(op, 0), ", ", in, ", ",
               window(op, op.settings.filter_height, op.settings.filter_width), ", ", activation, ", ",
               result(op), ", ", out, ")"));
      return true;
    case TfliteOp::resize_bilinear:
    case TfliteOp::resize_nearest_neighbor:
      line(cat("resize(", op.op == TfliteOp::resize_bilinear, ", ", data(op, 0), ", ", in, ", ", result(op),
               ", ", out, ")"));
      return true;
    default:
      return false;
  }
}

namespace {

struct FormulaText {
  TfliteOp op;
  const char* text;  ///< of x, or of a and b
};

constexpr std::array kOfOne{
    FormulaText{TfliteOp::relu, "x > 0 ? x : 0"},
    FormulaText{TfliteOp::relu6, "activate(3, x)"},
    FormulaText{TfliteOp::relu_n1_to_1, "activate(2, x)"},
    FormulaText{TfliteOp::logistic, "1 / (1 + std::exp(-x))"},
    FormulaText{TfliteOp::tanh, "std::tanh(x)"},
    FormulaText{TfliteOp::exp, "std::exp(x)"},
    FormulaText{TfliteOp::log, "std::log(x)"},
    FormulaText{TfliteOp::sqrt, "std::sqrt(x)"},
    FormulaText{TfliteOp::rsqrt, "1 / std::sqrt(x)"},
    FormulaText{TfliteOp::abs, "std::abs(x)"},
    FormulaText{TfliteOp::neg, "-x"},
    FormulaText{TfliteOp::elu, "x > 0 ? x : std::expm1(x)"},
    FormulaText{TfliteOp::hard_swish, "x * activate(3, x + 3) / 6"},
    FormulaText{TfliteOp::gelu, "x * (1 + std::erf(x * 0.70710678F)) / 2"},
};
constexpr std::array kOfTwo{
    FormulaText{TfliteOp::add, "a + b"},
    FormulaText{TfliteOp::sub, "a - b"},
    FormulaText{TfliteOp::mul, "a * b"},
    FormulaText{TfliteOp::div, "a / b"},
    FormulaText{TfliteOp::maximum, "std::max(a, b)"},
    FormulaText{TfliteOp::minimum, "std::min(a, b)"},
    FormulaText{TfliteOp::squared_difference, "(a - b) * (a - b)"},
    FormulaText{TfliteOp::prelu, "a > 0 ? a : a * b"},
    FormulaText{TfliteOp::greater, "a > b ? 1.0F : 0.0F"},
    FormulaText{TfliteOp::greater_equal, "a >= b ? 1.0F : 0.0F"},
};

}  // namespace

bool SourceWriter::write_elementwise(const Operator& op) {
  const std::string out = text(shape(op));
  const auto* const one = std::ranges::find(kOfOne, op.op, &FormulaText::op);
  if (one != kOfOne.end()) {
    line(cat("each(", data(op, 0), ", ", result(op), ", ", out, ", [](float x) -> float { return ", one->text,
             "; })"));
    return true;
  }
  const auto* const two = std::ranges::find(kOfTwo, op.op, &FormulaText::op);
  if (two != kOfTwo.end()) {
    line(cat("both(", data(op, 0), ", ", text(shape(op, 0)), ", ", data(op, 1), ", ", text(shape(op, 1)),
             ", ", static_cast<int>(op.settings.activation), ", ", result(op), ", ", out,
             ", [](float a, float b) -> float { return ", two->text, "; })"));
    return true;
  }
  switch (op.op) {
    case TfliteOp::leaky_relu:
      line(cat("each(", data(op, 0), ", ", result(op), ", ", out,
               ", [](float x) -> float { return x > 0 ? x : x * static_cast<float>(", op.settings.alpha,
               "); })"));
      return true;
    case TfliteOp::select_v2:
      line(cat("select(", data(op, 0), ", ", data(op, 1), ", ", data(op, 2), ", ", result(op), ", ", out,
               ")"));
      return true;
    case TfliteOp::softmax:
      line(cat("softmax(", op.settings.beta, ", ", data(op, 0), ", ", result(op), ", ", out, ")"));
      return true;
    default:
      return false;
  }
}

void SourceWriter::write_fully_connected(const Operator& op) {
  const Four kernel = shape(op, 1), out = shape(op);
  line(cat("fully_connected(", data(op, 0), ", ", out[0] * out[1] * out[2], ", ", kernel[3], ", ",
           data(op, 1), ", ", data(op, 2), ", ", static_cast<int>(op.settings.activation), ", ", result(op),
           ", ", out[3], ")"));
}

void SourceWriter::write_reduction(const Operator& op, bool largest) {
  Four kept = shape(op, 0);
  const std::size_t rank = tensor(op.inputs[0]).shape.rank();
  for (const std::int64_t axis : integers(op, 1))
    kept.at(4 - rank + static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis)) =
        1;
  line(cat("reduce(", largest, ", ", data(op, 0), ", ", text(shape(op, 0)), ", ", result(op), ", ",
           text(kept), ")"));
}

void SourceWriter::write_concatenation(const Operator& op) {
  const std::size_t axis =
      4 - tensor(op.outputs[0]).shape.rank() + static_cast<std::size_t>(op.settings.axis);
  Four to{0, 0, 0, 0};
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const Four part = shape(op, i);
    line(cat("copy_block(", data(op, i), ", ", text(part), ", {}, ", result(op), ", ", text(shape(op)), ", ",
             text(to), ", ", text(part), ")"));
    to.at(axis) += part.at(axis);
  }
}

void SourceWriter::write_pad(const Operator& op) {
  const std::vector<std::int64_t> pairs = integers(op, 1);
  Four to{0, 0, 0, 0};
  for (std::size_t i = 0; i < pairs.size(); i += 2) to.at(4 - pairs.size() / 2 + i / 2) = pairs[i];
  if (op.op == TfliteOp::padv2)
    line(cat("std::fill(v", op.outputs[0], ".begin(), v", op.outputs[0], ".end(), *(", data(op, 2), "))"));
  line(cat("copy_block(", data(op, 0), ", ", text(shape(op, 0)), ", {}, ", result(op), ", ", text(shape(op)),
           ", ", text(to), ", ", text(shape(op, 0)), ")"));
}

bool SourceWriter::write_moving(const Operator& op) {
  switch (op.op) {
    case TfliteOp::reshape:
    case TfliteOp::squeeze:
      line(
          cat("each(", data(op, 0), ", ", result(op), ", ", text(shape(op)), ", [](float x) { return x; })"));
      return true;
    case TfliteOp::concatenation:
      write_concatenation(op);
      return true;
    case TfliteOp::pad:
    case TfliteOp::padv2:
      write_pad(op);
      return true;
    case TfliteOp::slice: {
      Four from{0, 0, 0, 0};
      const std::vector<std::int64_t> begin = integers(op, 1);
      for (std::size_t i = 0; i < begin.size(); ++i) from.at(4 - begin.size() + i) = begin[i];
      line(cat("copy_block(", data(op, 0), ", ", text(shape(op, 0)), ", ", text(from), ", ", result(op), ", ",
               text(shape(op)), ", {}, ", text(shape(op)), ")"));
      return true;
    }
    case TfliteOp::transpose: {
      Four axes{0, 1, 2, 3};
      const std::vector<std::int64_t> given = integers(op, 1);
      const std::size_t front = 4 - given.size();
      for (std::size_t i = 0; i < given.size(); ++i)
        axes.at(front + i) = given[i] + static_cast<std::int64_t>(front);
      line(cat("transpose(", data(op, 0), ", ", text(shape(op, 0)), ", ", text(axes), ", ", result(op), ", ",
               text(shape(op)), ")"));
      return true;
    }
    default:
      return false;
  }
}

void SourceWriter::write(const Operator& op) {
  const Four out = shape(op);
  body_ += cat("    std::vector<float> v", op.outputs[0], "(", out[0] * out[1] * out[2] * out[3], "U);\n");
  if (write_window(op) || write_elementwise(op) || write_moving(op)) return;
  if (op.op == TfliteOp::fully_connected) return write_fully_connected(op);
  if (op.op == TfliteOp::mean || op.op == TfliteOp::reduce_max)
    return write_reduction(op, op.op != TfliteOp::mean);
  fail(ErrorKind::unsupported, tensor(op.outputs[0]).name,
       " cannot be written as C++ source: no function for ", formats::to_string(op.op));
}

void SourceWriter::forget(std::size_t at) {
  for (const auto& [value, last] : last_use_) {
    if (last == at) body_ += cat("    v", value, " = {};\n");
  }
}

void SourceWriter::write() {
  for (std::size_t i = 0; i < graph_.operators.size(); ++i) {
    for (const std::int32_t input : graph_.operators[i].inputs) {
      if (input >= 0 && !tensor(input).value && input != graph_.inputs.front()) last_use_[input] = i;
    }
  }
  last_use_.erase(graph_.outputs.front());
  for (std::size_t i = 0; i < graph_.operators.size(); ++i) {
    write(graph_.operators[i]);
    forget(i);
  }
  body_ += cat("    return v", graph_.outputs.front(), ";\n");
}

}  // namespace tflite
}  // namespace graft
