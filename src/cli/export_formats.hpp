// SPDX-License-Identifier: Apache-2.0
// The formats that graft export writes.
#pragma once

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
  bool int8 = false;  ///< ONNX
  bool nchw = false;  ///< ONNX
};

/// Facts about the model for the file's metadata, by name.
using ExportMetadata = std::map<std::string, std::string>;

struct ExportFormat {
  const char* extension;
  const char* name;
  const formats::OutsideEngine& (*engine)();  ///< null: source, which --verify compiles
  const char* python;  ///< the environment variable that names an interpreter with the engine
  const char* folder;  ///< of the interpreter in graft's cache
  void (*save)(const ExportSettings& settings, const Classifier& classifier, const ExportMetadata& metadata,
               const std::filesystem::path& file);
};

/// By the file's extension. Errors: Error{invalid_argument} for another one, and for settings without effect.
[[nodiscard]] const ExportFormat& export_format_of(const std::filesystem::path& file,
                                                   const ExportSettings& settings);
/// The file and what is written beside it.
[[nodiscard]] std::vector<std::filesystem::path> exported_files(const std::filesystem::path& file);

}  // namespace graft::cli
