// SPDX-License-Identifier: Apache-2.0
#include "onnx/export/int8.hpp"

#include <algorithm>
#include <cmath>

namespace graft {
inline namespace onnx {

namespace {

constexpr float kZeroOfUint8 = 128;

}  // namespace

Int8Kernel rounded_kernel(const Tensor& kernel, const Tensor* bias, float input_scale) {
  constexpr float kMostBias = 0x1p30F;
  const auto channels = static_cast<std::size_t>(kernel.shape()[-1]);
  const auto from = kernel.data();
  std::vector<float> largest(channels, 0);
  for (std::size_t i = 0; i < from.size(); ++i)
    largest[i % channels] = std::max(largest[i % channels], std::abs(from[i]));
  Int8Kernel result{.elements = Tensor(kernel.shape(), DType::uint8),
                    .scales = Tensor({static_cast<std::int64_t>(channels)})};
  for (std::size_t c = 0; c < channels; ++c) {
    float scale = largest[c] / 127;
    if (bias != nullptr) scale = std::max(scale, std::abs(bias->data()[c]) / (input_scale * kMostBias));
    result.scales.data()[c] = scale > 0 ? scale : 1.0F;
  }
  const auto to = result.elements.data<std::uint8_t>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const float whole = std::nearbyint(from[i] / result.scales.data()[i % channels]);
    to[i] = static_cast<std::uint8_t>(std::clamp(whole, -127.0F, 127.0F) + kZeroOfUint8);
  }
  return result;
}

std::string emit_dequantized(Emitter& emitter, const Tensor& elements, const Tensor& scales,
                             std::int64_t axis, const std::string& name) {
  Tensor zeros(scales.shape(), elements.dtype());
  if (elements.dtype() == DType::uint8)
    std::ranges::fill(zeros.data<std::uint8_t>(), static_cast<std::uint8_t>(kZeroOfUint8));
  return emitter.add("DequantizeLinear",
                     {emitter.initializer(elements, name), emitter.initializer(scales, name + "/scale"),
                      emitter.initializer(zeros, name + "/zero_point")},
                     {formats::OnnxAttribute::of("axis", axis)});
}

std::string emit_int8_bias(Emitter& emitter, const Tensor& bias, const Int8Kernel& kernel, float input_scale,
                           const std::string& kernel_name) {
  constexpr double kMost = 2147483647;
  Tensor elements(kernel.scales.shape(), DType::int32);
  Tensor scales(kernel.scales.shape());
  for (std::size_t c = 0; c < scales.data().size(); ++c) {
    scales.data()[c] = kernel.scales.data()[c] * input_scale;
    const double whole = std::nearbyint(static_cast<double>(bias.data()[c]) / scales.data()[c]);
    elements.data<std::int32_t>()[c] = static_cast<std::int32_t>(std::clamp(whole, -kMost, kMost));
  }
  return emit_dequantized(emitter, elements, scales, 0, kernel_name + "/bias");
}

std::map<ops::ValueId, ScaleAndShift> normalizations_to_join(const InferenceGraph& lowered,
                                                             const Emitter& emitter,
                                                             const Paddings& paddings) {
  std::map<ops::ValueId, int> uses;
  for (const ops::ValueId output : lowered.outputs) ++uses[output];
  const auto multiplies_int8 = [&](ops::Op op) {
    const auto padding = paddings.find(op.inputs[0]);
    if (padding != paddings.end()) op.inputs[0] = padding->second->inputs[0];
    return emitter.multiplies_int8(op);
  };
  std::map<ops::ValueId, const ops::Op*> convolutions;
  for (const ops::Op& op : lowered.graph.ops()) {
    for (const ops::ValueId input : op.inputs) ++uses[input];
    const auto* convolution = std::get_if<ops::Convolution>(&op.params);
    if (convolution != nullptr && convolution->activation.is_linear() &&
        op.in(ops::Convolution::In::residual) == ops::kAbsent && multiplies_int8(op))
      convolutions[op.outputs[0]] = &op;
  }
  std::map<ops::ValueId, ScaleAndShift> result;
  for (const ops::Op& op : lowered.graph.ops()) {
    if (!std::holds_alternative<ops::ScaleShift>(op.params)) continue;
    using In = ops::ScaleShift::In;
    const ops::ValueId x = op.in(In::x);
    const std::optional<Tensor> scale = emitter.fixed(op.in(In::scale)),
                                shift = emitter.fixed(op.in(In::shift));
    if (!convolutions.contains(x) || uses[x] != 1 || !scale || !shift) continue;
    if (scale->count() != emitter.shape(x)[-1] || shift->count() != emitter.shape(x)[-1]) continue;
    result.emplace(x, ScaleAndShift{.scale = *scale, .shift = *shift});
  }
  return result;
}

}  // namespace onnx
}  // namespace graft
