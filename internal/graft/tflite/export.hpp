// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/formats/tflite.hpp"
#include "graft/tflite.hpp"

namespace graft {
inline namespace tflite {

/// The content of the file that save_tflite() writes; its tensors share memory with the weights where their
/// order is the same.
[[nodiscard]] formats::TfliteModel to_tflite(const Model& model, const TfliteOptions& options);

}  // namespace tflite
}  // namespace graft
