// SPDX-License-Identifier: Apache-2.0
// A model's weights in the layouts of the file formats. Tensors share the model's memory.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graft/formats/keras_h5.hpp"
#include "graft/formats/weights_h5.hpp"
#include "graft/model.hpp"

namespace graft {
inline namespace saving {

/// Keras 3's groups: layers/conv2d/vars/0, and each group's layer name.
[[nodiscard]] formats::WeightsH5 grouped_layout(const Model& model);

/// Keras's legacy layout without configs: the model's own layers, a nested model as one layer, weights that
/// train before the others.
[[nodiscard]] formats::H5Weights legacy_layout(const Model& model);

/// Every weight once, in order, under a unique name: its layer's and its own,
/// "conv1/kernel"; within nested models with their names before it: "base/conv1/kernel".
[[nodiscard]] std::vector<std::pair<std::string, VariablePtr>> named_weights(const Model& model);

}  // namespace saving
}  // namespace graft
