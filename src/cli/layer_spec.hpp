// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/models/model.hpp"

namespace graft::cli {

/// A new layer from the command line: "Dropout(rate=0.3)", "Dense(units=64, activation=relu, name=more)",
/// "Conv2D(filters=8, kernel_size=(3, 3))", "GlobalAveragePooling2D": Keras's class and option names, values
/// as Python or JSON writes them, words bare. Without a name it gets one that no layer of the model has.
/// Errors: Error{invalid_argument} for text that is not so, or an option that the layer has not;
/// Error{unsupported} for a class that graft does not know.
[[nodiscard]] Layer parse_layer(const std::string& text, const Model& model);

}  // namespace graft::cli
