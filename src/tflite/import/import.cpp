// SPDX-License-Identifier: Apache-2.0
#include "graft/tflite/import.hpp"

#include <algorithm>

#include "graft/onnx/import.hpp"

#include "tflite/import/translator.hpp"

namespace graft {
inline namespace tflite {
namespace {

constexpr std::int64_t kOpset = 20;  // has GELU

/// How the file's input follows from pixels p: (p - mean) / deviation, channel by channel or the same for
/// all.
struct Scaling {
  std::vector<float> mean, deviation;
};

/// Of an input of bytes: the real numbers that they stand for. int8 holds pixels from -128 on.
std::optional<Scaling> scaling_of_bytes(const TfliteTensor& input, const std::string& file) {
  if (input.dtype == DType::float32) return std::nullopt;
  constexpr float kHalf = 128;
  const formats::TfliteQuantization& q = input.quantization;
  const bool bytes = input.dtype == DType::uint8 || input.dtype == DType::int8;
  if (!bytes || (q.scale.empty() && input.dtype == DType::int8)) {
    fail(ErrorKind::unsupported, file, ": input '", input.name, "' is ", to_string(input.dtype),
         q.scale.empty() ? " without a scale" : "", "; expected float32, or bytes with their scale");
  }
  if (q.scale.empty()) return Scaling{{0}, {1}};
  const float zero = static_cast<float>(q.zero_point.empty() ? 0 : q.zero_point.front()) +
                     (input.dtype == DType::int8 ? kHalf : 0);
  return Scaling{{zero}, {1 / q.scale.front()}};
}

/// (p - mean) / deviation = p / deviation + (-mean / deviation)
std::string scaled(Translator& t, const std::string& image, const Scaling& scaling, std::int64_t channels) {
  const std::size_t count = std::max(scaling.mean.size(), scaling.deviation.size());
  if (count != 1 && static_cast<std::int64_t>(count) != channels)
    fail(ErrorKind::bad_file, t.file(), " normalises ", count, " channels of an image with ", channels);
  Tensor factor({static_cast<std::int64_t>(count)});
  Tensor summand({static_cast<std::int64_t>(count)});
  for (std::size_t i = 0; i < count; ++i) {
    const float mean = scaling.mean[scaling.mean.size() == 1 ? 0 : i];
    const float deviation = scaling.deviation[scaling.deviation.size() == 1 ? 0 : i];
    if (deviation == 0) fail(ErrorKind::bad_file, t.file(), " normalises by 0");
    factor.data()[i] = 1 / deviation;
    summand.data()[i] = -mean / deviation;
  }
  const std::string y = t.add("Mul", {image, t.constant(factor, "pixel_scale")});
  return t.add("Add", {y, t.constant(summand, "pixel_offset")});
}

void add_input(Translator& t, const formats::TfliteModel& graph, std::int32_t place) {
  const TfliteTensor& input = t.tensor(place);
  Shape shape = input.shape;
  if (shape.rank() < 2)
    fail(ErrorKind::unsupported, t.file(), ": input '", input.name, "' has the shape ", shape,
         "; expected (N, H, W, C)");
  shape.set(0, -1);
  t.onnx().inputs.push_back({.name = input.name, .dtype = DType::float32, .shape = shape});
  std::string value = input.name;
  std::optional<Scaling> scaling = scaling_of_bytes(input, t.file());
  if (!scaling && graph.inputs.size() == 1 && shape.rank() == 4) {
    if (const auto stated = formats::tflite_normalization(graph))
      scaling = Scaling{stated->mean, stated->deviation};
  }
  const auto is = [](const std::vector<float>& values, float number) {
    return std::ranges::all_of(values, [number](float one) { return one == number; });
  };
  if (scaling && !(is(scaling->mean, 0) && is(scaling->deviation, 1)))
    value = scaled(t, value, *scaling, shape[-1]);
  t.define(place, value);
}

}  // namespace

formats::OnnxModel onnx_of(const formats::TfliteModel& graph, const std::string& file) {
  Translator t(graph, file);
  t.onnx().opset = kOpset;
  t.onnx().metadata["input_layout"] = "NHWC";
  if (graph.inputs.empty() || graph.outputs.empty())
    fail(ErrorKind::bad_file, file, " has no input or no output");
  for (const std::int32_t input : graph.inputs) {
    if (input < 0) fail(ErrorKind::bad_file, file, " has an input without a tensor");
    add_input(t, graph, input);
  }
  for (const TfliteOperator& op : graph.operators) {
    if (op.outputs.size() != 1 || op.outputs.front() < 0)
      fail(ErrorKind::unsupported, file, ": operator ", formats::to_string(op.op), " has ", op.outputs.size(),
           " outputs");
    t.begin(op);
    if (!translate_window(t) && !translate_other(t)) t.refuse("is one that graft cannot express in layers");
  }
  for (const std::int32_t output : graph.outputs) {
    if (output < 0) fail(ErrorKind::bad_file, file, " has an output without a tensor");
    t.onnx().outputs.push_back({.name = t.name_of(output), .shape = t.tensor(output).shape});
  }
  return std::move(t.onnx());
}

Model from_tflite(const formats::TfliteModel& graph, const std::string& file) {
  return from_onnx(onnx_of(graph, file), file);
}

}  // namespace tflite
}  // namespace graft
