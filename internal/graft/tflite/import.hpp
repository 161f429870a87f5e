// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/formats/onnx.hpp"
#include "graft/formats/tflite.hpp"
#include "graft/model.hpp"

namespace graft {
inline namespace tflite {

/// The same graph in ONNX's operators, whose reader makes layers of it. Integers of quantised files become
/// the real numbers that they stand for: the model computes in float32. file stands for the graph in
/// messages. Errors: Error{unsupported} naming an operator that graft cannot express; Error{bad_file}.
[[nodiscard]] formats::OnnxModel onnx_of(const formats::TfliteModel& graph, const std::string& file);

/// A model of graft's layers that computes what the file does. Its input are pixels from 0 to 255 where the
/// file says how it scales them: by its metadata, or as the numbers behind an input of bytes. Errors: as
/// onnx_of() and from_onnx().
[[nodiscard]] Model from_tflite(const formats::TfliteModel& graph, const std::string& file);

}  // namespace tflite
}  // namespace graft
