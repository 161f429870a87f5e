// SPDX-License-Identifier: Apache-2.0
// Numbers of 8 bits as ONNX has them: a QuantizeLinear and a DequantizeLinear after a value that is rounded,
// a DequantizeLinear after whole kernels. Programs that compute in 8 bits make one node of these and of the
// product between them; others compute the same numbers in float32.
#pragma once

#include <map>
#include <optional>
#include <span>

#include "graft/models/inference_graph.hpp"

#include "onnx/export/emitter.hpp"

namespace graft {
inline namespace onnx {

/// A kernel's elements, the last axis its output channels, as whole numbers times a scale for each channel:
/// the largest is 127. Written around 128: products of uint8 and int8 saturate in ONNX Runtime on processors
/// without VNNI instructions (docs/decisions/0084). Where a bias would leave 32 bits in units of input times
/// kernel, as beside the kernel of next to nothing of a channel that training has switched off, the scale is
/// larger.
struct Int8Kernel {
  Tensor elements;  ///< uint8, 128 stands for 0, in the kernel's shape
  Tensor scales;    ///< float32 (channels)
};
/// bias: what emit_int8_bias() will write for it; null: nothing.
[[nodiscard]] Int8Kernel rounded_kernel(const Tensor& kernel, const Tensor* bias, float input_scale);

/// The name of the float32 numbers that whole ones stand for, one scale for each place of an axis. The zero
/// of uint8 is 128, that of int32 is 0.
[[nodiscard]] std::string emit_dequantized(Emitter& emitter, const Tensor& elements, const Tensor& scales,
                                           std::int64_t axis, const std::string& name);

/// The name of a bias that is 32-bit whole numbers times the product of the input's and the kernel's scales.
[[nodiscard]] std::string emit_int8_bias(Emitter& emitter, const Tensor& bias, const Int8Kernel& kernel,
                                         float input_scale, const std::string& kernel_name);

/// Paddings that become part of the convolution that reads them, by their output.
using Paddings = std::map<ops::ValueId, const ops::Op*>;

/// The convolutions in 8 bits that a BatchNormalization follows, by their output: its scale and shift, which
/// become part of the kernel and the bias. Nothing else reads such an output.
[[nodiscard]] std::map<ops::ValueId, ScaleAndShift> normalizations_to_join(const InferenceGraph& lowered,
                                                                           const Emitter& emitter,
                                                                           const Paddings& paddings);

}  // namespace onnx
}  // namespace graft
