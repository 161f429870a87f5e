// SPDX-License-Identifier: Apache-2.0
// The model, labels and loss of Keras's transfer-learning tutorial.
#pragma once

#include "graft/train.hpp"
#include "graft/training.hpp"

#include "transfer/base/base_model.hpp"

namespace graft {
inline namespace transfer {

/// Augmentation, preprocessing, the base in inference mode, its mean over the picture, Dropout, and a Dense
/// layer of logits, one for two classes.
[[nodiscard]] Model tutorial_model(const BaseModel& base, Size2D size, std::size_t classes,
                                   const Augment& augment);

/// Whether the network has the layers that the recipe freezes: before photos are read. Nothing to check
/// without names, or where nothing is fine-tuned. Errors: as models::freeze.
void check_layer_names(const TrainOptions& options, const TutorialRecipe& recipe, Size2D size);

/// Labels as the loss wants them: mixed ones are distributions.
[[nodiscard]] data::Dataset with_labels(const data::Dataset& photos, bool mixed, bool binary);
[[nodiscard]] LossPtr tutorial_loss(bool mixed, bool binary);

}  // namespace transfer
}  // namespace graft
