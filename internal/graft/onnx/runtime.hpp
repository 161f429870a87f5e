// SPDX-License-Identifier: Apache-2.0
// ONNX Runtime as a program beside graft: a second opinion on a file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace onnx {

/// What ONNX Runtime computed.
struct RuntimeAnswer {
  Tensor output;        ///< the file's first output
  std::string version;  ///< of ONNX Runtime
};

/// Runs a program without a shell and waits for its end; its output goes to the file `log`. Returns its exit
/// code. Throws Error{not_found} naming a program that does not exist, Error{io} where it was killed.
int run_program(const std::vector<std::string>& words, const std::filesystem::path& log);

/// Runs a file on a batch in ONNX Runtime, on the CPU. python: an interpreter that has the package
/// onnxruntime. Files in between are written to `folder`. Errors: Error{not_found} no such interpreter;
/// Error{unsupported} with its last words where it could not run the file.
[[nodiscard]] RuntimeAnswer run_onnx_runtime(const std::filesystem::path& file, const Tensor& batch,
                                             const std::string& python, const std::filesystem::path& folder);

/// Makes a virtual environment with ONNX Runtime in the folder, unless there is one, and returns its
/// interpreter. It needs python3 with venv, and a network. Errors: as run_onnx_runtime().
[[nodiscard]] std::string make_runtime_environment(const std::filesystem::path& folder);

}  // namespace onnx
}  // namespace graft
