// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/base/json.hpp"

namespace graft {
inline namespace saving {

/// A model's config as Keras 2 and TensorFlow.js write it: batch_input_shape, calls as [[name, node, tensor,
/// kwargs], ...], of nested models counted from 1; inputs and outputs as lists; graphs of layers of the class
/// Model, which every version knows. config: of legacy_config(), {"class_name", "config"}; nested models too.
/// Error{unsupported} for a call with arguments that are no tensors.
[[nodiscard]] Json tfjs_config(Json config);

}  // namespace saving
}  // namespace graft
