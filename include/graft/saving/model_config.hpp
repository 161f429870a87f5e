// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/base/json_fwd.hpp"
#include "graft/models/model.hpp"

#pragma GCC visibility push(default)

namespace graft::saving {

/// The model as keras.saving.serialize_keras_object writes it in Keras 3: {"module", "class_name", "config",
/// "registered_name", "build_config"}; the content of config.json in a `.keras` file, which
/// keras.models.model_from_json reads too. Nested models are layers in it. A call with CallOptions
/// carries them as its kwargs: base(x, {.training = false}) -> {"training": false}.
[[nodiscard]] Json model_config(const Model& model);

/// The model that a config of Keras 3 (functional or Sequential, nested ones included) or of Keras 2
/// describes, with freshly initialised weights. Names are those of the config. Errors: Error{unsupported} for
/// a layer that graft does not support, naming class, layer and model; Error{bad_file} for an incomplete or
/// contradictory config (unknown layers, cycles, an output that no layer computes); Error{resource_limit} for
/// nesting deeper than any real model's.
[[nodiscard]] Model model_from_config(const Json& config);

}  // namespace graft::saving

#pragma GCC visibility pop
