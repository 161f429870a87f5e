// SPDX-License-Identifier: Apache-2.0
// The formats that graft export writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graft/classifier.hpp"
#include "graft/formats/outside_engine.hpp"

namespace graft::cli {

/// How a file is written.
struct ExportSettings {
  std::optional<std::int64_t> opset{};  ///< ONNX; unset: OnnxOptions' default
  bool float16 = false;
  bool int8 = false;               ///< ONNX, TensorFlow Lite
  bool nchw = false;               ///< ONNX
  bool teachable_machine = false;  ///< TensorFlow.js
};

/// Facts about the model for the file's metadata, by name.
using ExportMetadata = std::map<std::string, std::string>;

struct ExportFormat {
  const char* extension;
  const char* name;
  const formats::OutsideEngine& (*engine)();  ///< in Python; null: others
  const char* place;   ///< the environment variable that names an interpreter, or a folder, with the engine
  const char* folder;  ///< of the interpreter in graft's cache
  bool readable;       ///< graft reads such files
  void (*save)(const ExportSettings& settings, const Classifier& classifier, const ExportMetadata& metadata,
               const std::filesystem::path& file);
};

/// By the file's extension. Errors: Error{invalid_argument} for another one, and for settings without effect.
[[nodiscard]] const ExportFormat& export_format_of(const std::filesystem::path& file,
                                                   const ExportSettings& settings);
/// The file and what was written beside it.
[[nodiscard]] std::vector<std::filesystem::path> exported_files(const std::filesystem::path& file);
/// What computes in float32 in a TensorFlow Lite file of 8 bits, by operator: 8 bits have no form for it, its
/// values have no range, or graft quantize left its layer out. Nothing for other files.
[[nodiscard]] std::optional<std::map<std::string, std::size_t>> float32_operators_of(
    const std::filesystem::path& file, const ExportSettings& settings);
/// The files that an export to this name replaces.
[[nodiscard]] std::vector<std::filesystem::path> replaced_files(const std::filesystem::path& file);

/// What an engine makes of the batch, with its name and version: for --verify. folder: for files in between.
struct NamedAnswer {
  std::string engine;
  Tensor output;
};
[[nodiscard]] NamedAnswer outside_answer(const ExportFormat& format, const ExportSettings& settings,
                                         const std::filesystem::path& file, const Tensor& batch,
                                         const std::filesystem::path& folder);

}  // namespace graft::cli
