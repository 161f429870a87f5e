// SPDX-License-Identifier: Apache-2.0
// Programs beside graft that run a model's file: a second opinion on it.
#pragma once

#include <filesystem>
#include <string>

#include "graft/tensor.hpp"

namespace graft::formats {

/// A Python package that runs files of one format.
struct OutsideEngine {
  const char* name;     ///< for people: "ONNX Runtime"
  const char* package;  ///< pip's name
  const char* module;   ///< what is imported
  /// A program. Its arguments: the file, the batch (.npy), where the first output goes (.npy, float32), where
  /// the engine's version goes.
  const char* script;
};

/// What an engine computed.
struct EngineAnswer {
  Tensor output;        ///< the file's first output
  std::string version;  ///< of the engine
};

/// Runs a file on a batch, on the CPU. python: an interpreter that has the package. Files in between are
/// written to `folder`. Errors: Error{not_found} no such interpreter; Error{unsupported} with its last words
/// where it could not run the file.
[[nodiscard]] EngineAnswer run_engine(const OutsideEngine& engine, const std::filesystem::path& file,
                                      const Tensor& batch, const std::string& python,
                                      const std::filesystem::path& folder);

/// Makes a virtual environment with the engine in the folder, unless there is one, and returns its
/// interpreter. It needs python3 with venv, and a network. Errors: as run_engine().
[[nodiscard]] std::string make_engine_environment(const OutsideEngine& engine,
                                                  const std::filesystem::path& folder);

}  // namespace graft::formats
