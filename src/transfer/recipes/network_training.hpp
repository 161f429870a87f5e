// SPDX-License-Identifier: Apache-2.0
// How a whole network is trained by gradient: the loss and labels for its kind of output.
#pragma once

#include "graft/classify/classifier_metadata.hpp"
#include "graft/dataset.hpp"
#include "graft/model.hpp"
#include "graft/train.hpp"
#include "graft/training/losses.hpp"

namespace graft {
inline namespace transfer {

/// Adam's own rate, as in Keras, where the recipe names none.
inline constexpr double kNetworkRate = 1e-3;

/// Loss and labels for a kind of output.
struct Teaching {
  LossPtr loss;
  data::LabelMode labels = data::LabelMode::integer;
};
/// outputs: number of the model's outputs.
[[nodiscard]] Teaching teaching_for(classify::OutputKind kind, std::int64_t outputs);

/// The photos with labels as the loss expects them.
[[nodiscard]] data::Dataset labelled_for(const data::Dataset& photos, const Teaching& teaching);

/// Whether the model has the layers that the recipe names: before photos are read. What is trainable changes,
/// as by freeze_layers(). Errors: as models::freeze.
void check_layer_names(const Model& model, const NetworkRecipe& recipe);

/// Freezes the layers that the recipe names, and says so in words; without names the model stays as it is.
/// Throws Error{invalid_argument} where nothing is left to train.
[[nodiscard]] std::string freeze_layers(const Model& model, const NetworkRecipe& recipe);

}  // namespace transfer
}  // namespace graft
