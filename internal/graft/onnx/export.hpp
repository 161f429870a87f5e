// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/formats/onnx.hpp"
#include "graft/onnx.hpp"

namespace graft {
inline namespace onnx {

/// The content of the file that save_onnx() writes; its initializers share memory with the weights where
/// their order is the same.
[[nodiscard]] formats::OnnxModel to_onnx(const Model& model, const OnnxOptions& options);

}  // namespace onnx
}  // namespace graft
