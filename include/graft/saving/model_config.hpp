// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/base/json_fwd.hpp"
#include "graft/models/model.hpp"

namespace graft::saving {

/// The model as keras.saving.serialize_keras_object writes it in Keras 3: {"module", "class_name", "config",
/// "registered_name", "build_config"}; the content of config.json in a `.keras` file, which
/// keras.models.model_from_json reads too. Nested models stand in it as layers. A call with CallOptions
/// carries them as its kwargs: base(x, {.training = false}) -> {"training": false}.
[[nodiscard]] Json model_config(const Model& model);

/// The model that a config of Keras 3 (functional or Sequential, nested ones included) or of Keras 2
/// describes, with freshly initialised weights. Names are those of the config. Errors: Error{unsupported} for
/// a layer graft does not know, naming class, layer and model; Error{bad_file} for a config that is not whole
/// or contradicts itself (unknown layers, cycles, an output nobody computes); Error{resource_limit} for
/// nesting deeper than any real model's.
[[nodiscard]] Model model_from_config(const Json& config);

}  // namespace graft::saving
