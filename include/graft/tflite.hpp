// SPDX-License-Identifier: Apache-2.0
// Models as TensorFlow Lite (LiteRT) files, which phones and small computers run.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graft/int8_values.hpp"
#include "graft/model.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace tflite {

/// How save_tflite() writes a model.
struct TfliteOptions {
  bool float16 = false;  ///< kernels in 16 bits: half the size; programs compute in float32 or 16 bits
  /// Of a model that quantize() has tried: int8_values() of the classifier. Operators then compute with 8-bit
  /// numbers by TensorFlow Lite's quantization specification, but those that have no such form there, those
  /// of int8->float32_layers and those whose values have no range; input and output stay float32. Not
  /// together with float16.
  std::optional<Int8Values> int8{};
  std::optional<Size2D> image_size{};  ///< of a model whose input's height and width are open
  std::vector<std::string>
      class_names{};  ///< for labels.txt, which Android's task library reads; empty: none
  /// Further named blocks of the file's metadata.
  std::map<std::string, std::string> metadata{};
};

/// Writes a model as a TensorFlow Lite file, whole or not at all, with the preprocessing that the model has
/// inside. BatchNormalization is multiplied into the convolution before it. The input is called "image":
/// float32 (batch, H, W, C), values from 0 to 255, red first; outputs have the names of their layers. The
/// batch is 1 until the program that runs it resizes the input. The file has the metadata of Android's task
/// library: an RGB image that needs no normalisation, and class names. Errors: Error{unsupported} naming a
/// layer for which TensorFlow Lite has no operator, and for a model of 2 GB or more; Error{shape_mismatch}
/// for a model with an open image size without options.image_size; Error{invalid_argument} for int8 with
/// float16 or without ranges; Error{io}.
void save_tflite(const Model& model, const std::filesystem::path& path, const TfliteOptions& options = {});

}  // namespace tflite
}  // namespace graft

#pragma GCC visibility pop
