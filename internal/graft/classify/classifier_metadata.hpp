// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/models/model.hpp"

namespace graft::classify {

/// What a model's output is: see kMetadataEntry.
enum class OutputKind { softmax, logits, sigmoid, binary_logit };

/// As the metadata says, else as the model's last activation suggests. Throws Error{bad_file} for an unknown
/// word, Error{unsupported} when the model's output is not (N, classes).
[[nodiscard]] OutputKind output_kind(const Model& model, const Json& metadata);
/// The metadata's, else "0", "1", ... Throws Error{bad_file} when they are not as many as the model tells
/// apart.
[[nodiscard]] std::vector<std::string> class_names(const Model& model, const Json& metadata);

}  // namespace graft::classify
