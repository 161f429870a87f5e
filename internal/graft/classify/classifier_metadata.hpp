// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/model.hpp"

namespace graft::inline classify {

/// What a model's output is: see kMetadataEntry.
enum class OutputKind { softmax, logits, sigmoid, binary_logit };

/// From the metadata, else from the model's last activation. Throws Error{bad_file} for an unknown
/// word, Error{unsupported} when the model's output is not (N, classes).
[[nodiscard]] OutputKind output_kind(const Model& model, const Json& metadata);
/// The metadata's, else "0", "1", ... Throws Error{bad_file} when their number is not the
/// model's number of classes.
[[nodiscard]] std::vector<std::string> class_names(const Model& model, const Json& metadata);

}  // namespace graft::inline classify
