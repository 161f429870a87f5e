// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/formats/outside_engine.hpp"

namespace graft {
inline namespace onnx {

[[nodiscard]] const formats::OutsideEngine& onnx_runtime();

}  // namespace onnx
}  // namespace graft
