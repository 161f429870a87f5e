// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/model.hpp"

namespace graft::cli {

/// Makes a layer from a text of the command line: "Dropout(rate=0.3)", "GlobalAveragePooling2D",
/// "Dense(units=64, activation=relu, name=more)", "Conv2D(filters=8, kernel_size=(3, 3))". Class and option
/// names are Keras's, values are written as in Python or JSON, single words without quotes. Without a name
/// the layer gets one that is free in the model. Errors: Error{invalid_argument} for any other text or an
/// unknown option; Error{unsupported} for an unknown class.
[[nodiscard]] Layer parse_layer(const std::string& text, const Model& model);

}  // namespace graft::cli
