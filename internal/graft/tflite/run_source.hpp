// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "graft/tensor.hpp"

namespace graft {
inline namespace tflite {

/// Compiles a header of save_cpp_source() with warnings as errors and runs it: float32 (N, outputs) for a
/// batch (N, H, W, C). compiler: "c++". Files in between are written to `folder`. Errors: Error{not_found} no
/// such compiler; Error{unsupported} with its last words where it refuses the source.
[[nodiscard]] Tensor run_cpp_source(const std::filesystem::path& header, const std::string& name,
                                    const Tensor& batch, const std::string& compiler,
                                    const std::filesystem::path& folder);

}  // namespace tflite
}  // namespace graft
