// SPDX-License-Identifier: Apache-2.0
#include "transfer/recipes/network_training.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::transfer {

Teaching teaching_for(classify::OutputKind kind, std::int64_t outputs) {
  if (outputs == 1) {
    return {BinaryCrossentropy({.from_logits = kind != classify::OutputKind::sigmoid}),
            data::LabelMode::binary};
  }
  if (kind == classify::OutputKind::sigmoid) return {BinaryCrossentropy(), data::LabelMode::categorical};
  return {SparseCategoricalCrossentropy({.from_logits = kind == classify::OutputKind::logits})};
}

data::Dataset labelled_for(const data::Dataset& photos, const Teaching& teaching) {
  data::DatasetOptions options = photos.options();
  options.label_mode = teaching.labels;
  return photos.with_options(options);
}

void check_layer_names(const Model& model, const NetworkRecipe& recipe) {
  if (recipe.freeze.empty() && recipe.fine_tune_from.empty()) return;
  static_cast<void>(models::freeze(model, {.names = recipe.freeze, .from = recipe.fine_tune_from}));
}

std::string freeze_layers(const Model& model, const NetworkRecipe& recipe) {
  std::string done;
  if (!recipe.freeze.empty() || !recipe.fine_tune_from.empty()) {
    const models::FreezeReport report =
        models::freeze(model, {.names = recipe.freeze, .from = recipe.fine_tune_from});
    done = cat(report.frozen_layers, " of ", report.layers, " layers are frozen",
               report.first_trainable.empty() ? "" : ", the first that trains is ", report.first_trainable);
  }
  if (count_params(model.trainable_weights()) == 0) {
    fail(ErrorKind::invalid_argument, "model '", model.name(),
         "': nothing in it is trainable; unfreeze layers, or train only its head: recipe head");
  }
  return done;
}

}  // namespace graft::transfer
