// SPDX-License-Identifier: Apache-2.0
// The tutorial recipe and its augmentation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/data/augmentation.hpp"
#include "graft/layers/layer.hpp"
#include "graft/transfer/heads.hpp"

#pragma GCC visibility push(default)

namespace graft::transfer {

/// Keras's two-phase transfer-learning tutorial: a new head on the frozen base with Adam, then the upper
/// layers of the base as well, at a lower rate with RMSprop.
struct TutorialRecipe {
  std::int64_t epochs = 10;            ///< of the first phase, which trains the head
  std::int64_t fine_tune_epochs = 10;  ///< of the second phase; 0: there is none
  /// First layer of the base that trains in the second phase, its index or name ("block5_conv1").
  std::string fine_tune_from = "100";
  /// Layers of the base that stay frozen in the second phase, beside those before fine_tune_from: a pattern
  /// of models::FreezeOptions::names. Empty: none.
  std::string freeze{};
  double learning_rate = 0;            ///< of the first phase; 0: the tutorial's 1e-4
  double fine_tune_learning_rate = 0;  ///< of the second phase; 0: a tenth of the first phase's
  /// Learning rate of each trainable layer of the base, as a multiple of the next one's; 1: all equal.
  double layer_decay = 1;
  /// Number of groups in which layers of the base begin to train, the last first; 0 and 1: all at once.
  std::int64_t unfreeze_groups = 0;
  double l2_sp = 0;  ///< L2-SP's alpha for the base's weights; 0: none
  /// Random changes to training photos, names with commas between: none, flip, light, strong (one of them;
  /// default: flip and rotation as in Keras's tutorial), mixup, cutmix, erasing, randaugment.
  std::string augment = "default";
  ClassWeight class_weight = ClassWeight::none;  ///< ignored with mixup and cutmix, which mix labels
};

/// What TutorialRecipe::augment specifies.
struct Augment {
  std::vector<Layer> layers;                   ///< layers of the model, with raw RGB 0..255 at their input
  std::vector<data::AugmentationPtr> batches;  ///< changes of batches
  bool mixes_labels = false;                   ///< true: labels become distributions over the classes
};
/// Throws Error{invalid_argument} that lists the known names.
[[nodiscard]] Augment augment_from_names(const std::string& names);

}  // namespace graft::transfer

#pragma GCC visibility pop
