// SPDX-License-Identifier: Apache-2.0
// Small models as C++ source, for programs without any library.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/model.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace tflite {

/// How save_cpp_source() writes a model.
struct CppSourceOptions {
  std::string name = "model";              ///< of the namespace that is written
  std::optional<Size2D> image_size{};      ///< of a model whose input's height and width are open
  std::vector<std::string> class_names{};  ///< written as a list; empty: none
};

/// Writes a header (C++17, the standard library only) that computes the model, and beside it, with the ending
/// .weights, its weights: 8 bytes "graftw01", their number (64 bits), then float32, lowest byte first. The
/// header's class Model reads the weights and computes one image at a time with plain loops in one thread:
/// for small models. BatchNormalization is multiplied into the convolution before it. Both files appear whole
/// or not at all, the weights first. Errors: Error{unsupported} naming a layer that cannot be written;
/// Error{invalid_argument} for a name that is none in C++; Error{shape_mismatch} as save_tflite(); Error{io}.
void save_cpp_source(const Model& model, const std::filesystem::path& header,
                     const CppSourceOptions& options = {});

}  // namespace tflite
}  // namespace graft

#pragma GCC visibility pop
