// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graft/formats/onnx.hpp"
#include "graft/model.hpp"

namespace graft {
inline namespace onnx {

/// A model of graft's layers that computes what an ONNX graph does, photos (N, H, W, C) in. Weights are the
/// layers' own, so that they train. file stands for the graph in messages. Errors: Error{unsupported} naming
/// the operator, the node and the opset that graft cannot express; Error{bad_file} for a graph that no
/// program could run; Error{resource_limit} for constants that would fill the memory.
[[nodiscard]] Model from_onnx(const formats::OnnxModel& graph, const std::string& file);

}  // namespace onnx
}  // namespace graft
