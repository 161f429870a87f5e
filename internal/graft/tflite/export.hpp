// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "graft/formats/tflite.hpp"
#include "graft/tflite.hpp"

namespace graft {
inline namespace tflite {

/// The content of the file that save_tflite() writes; its tensors share memory with the weights where their
/// order is the same.
[[nodiscard]] formats::TfliteModel to_tflite(const Model& model, const TfliteOptions& options);

/// Operators that compute in float32 in a file of 8 bits, by name ("DIV"), with their number: those that 8
/// bits have no form for. QUANTIZE and DEQUANTIZE do not count.
[[nodiscard]] std::map<std::string, std::size_t> float32_operators(const formats::TfliteModel& file);

}  // namespace tflite
}  // namespace graft
