// SPDX-License-Identifier: Apache-2.0
// Models as ONNX files, which ONNX Runtime and many other programs run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "graft/int8_values.hpp"
#include "graft/model.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace onnx {

/// Order of the axes of a file's input.
enum class OnnxInput {
  nhwc,  ///< (batch, height, width, channels), as decoded photos are
  nchw,  ///< (batch, channels, height, width), as programs expect that were written for PyTorch's files
};

/// How save_onnx() writes a model.
struct OnnxOptions {
  std::int64_t opset = 13;  ///< version of ONNX's operators, 13 to 17
  bool float16 = false;     ///< weights, and what follows the first of them, in 16 bits
  /// Of a model that quantize() has tried: int8_values() of the classifier. The file then has kernels of 8
  /// bits and rounds values with QuantizeLinear and DequantizeLinear; not together with float16.
  std::optional<Int8Values> int8{};
  OnnxInput input = OnnxInput::nhwc;   ///< order of the input's axes
  std::optional<Size2D> image_size{};  ///< of a model whose input's height and width are open
  /// Further entries of the file's metadata. graft writes input_layout, input_type and input_range itself.
  std::map<std::string, std::string> metadata{};
};

/// Writes a model as an ONNX file, whole or not at all: IR version 8, an open batch axis, explicit pads, the
/// preprocessing that the model has inside. The input is called "image", outputs have the names of their
/// layers; all are float32. A file of more than 2 GB has its weights beside it, in path + ".data".
/// Errors: Error{unsupported} naming a layer that ONNX has no operators for; Error{invalid_argument} for an
/// opset out of range; Error{shape_mismatch} for a model with an open image size without
/// options.image_size; Error{io}.
void save_onnx(const Model& model, const std::filesystem::path& path, const OnnxOptions& options = {});

}  // namespace onnx
}  // namespace graft

#pragma GCC visibility pop
