// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/base/json.hpp"

namespace graft {
inline namespace saving {

/// Whether an entry of a config's layers is one of Keras 2's TFOpLambda and SlicingOpLambda: a function of
/// TensorFlow's that a person called on a layer's output, as in (x - 127.5) / 128.
[[nodiscard]] bool is_op_lambda(const Json& entry);

/// The entry of the layer that does the same, under the same name: Rescaling for arithmetic with a number,
/// Add, Subtract, Multiply, Maximum, Minimum and Concatenate for that of two tensors, activations, Resizing,
/// Reshape, GlobalAveragePooling2D; for other functions one of Keras 3's operations (GetItem, Mean, Clip
/// ...). Errors: Error{unsupported} naming the function and the place, Error{bad_file}.
[[nodiscard]] Json without_op_lambda(const Json& entry, const std::string& place);

}  // namespace saving
}  // namespace graft
