// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/model.hpp"

namespace graft {
inline namespace models {

/// A layer and its path.
struct FoundLayer {
  Layer layer;
  std::string path;  ///< the names of the nested models that it is in, and its own: "mobilenetv2/Conv1"
};

/// The layer as a Model when it is one, else an empty handle.
[[nodiscard]] Model as_model(const Layer& layer);

/// All layers, a nested model before its layers; a layer used in two places once.
[[nodiscard]] std::vector<FoundLayer> all_layers(const Model& model);

/// The layer of that name, also in nested models: by its path ("mobilenetv2/Conv1"), or by the end of its
/// path
/// ("Conv1") when no other layer's ends the same. Errors: Error{not_found} with similar names;
/// Error{invalid_argument} for a name that several layers have, with their paths.
[[nodiscard]] FoundLayer find_layer(const Model& model, const std::string& name);

/// The stem, or stem_1, stem_2, ...: the first name that no layer of the model has, nested ones included.
[[nodiscard]] std::string free_name(const Model& model, const std::string& stem);

}  // namespace models
}  // namespace graft
