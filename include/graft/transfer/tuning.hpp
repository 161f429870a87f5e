// SPDX-License-Identifier: Apache-2.0
// Settings of fine-tuning beyond Keras's tutorial.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/base/json_fwd.hpp"
#include "graft/data/augmentation.hpp"
#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::transfer {

struct TuningOptions {
  /// Tutorial: layers of the base that stay frozen while it is fine-tuned, beside those before
  /// fine_tune_from: a pattern of models::FreezeOptions::names. Empty: none.
  std::string freeze{};
  /// Tutorial: the learning rate of each trainable layer of the base, as a multiple of the next one's; 1: all
  /// equal.
  double layer_decay = 1;
  /// Tutorial: number of groups in which layers of the base begin to train, the last first; 0 and 1: all at
  /// once.
  std::int64_t unfreeze_groups = 0;
  double l2_sp = 0;  ///< tutorial: L2-SP's alpha for the base's weights; 0: none
  /// Tutorial: what photos undergo while training, names with commas between: none, flip, light, strong (one
  /// of them; default: flip and rotation as in Keras's tutorial), mixup, cutmix, erasing, randaugment.
  std::string augment = "default";
  /// After training: a temperature for the probabilities, found on the validation photos and put into the
  /// last layer's weights, so that Keras has the same output.
  bool calibrate = false;
};

/// As in settings.json.
[[nodiscard]] Json tuning_json(const TuningOptions& options);

/// What TuningOptions::augment specifies: layers of the model, raw RGB 0..255 at their input, and changes of
/// batches.
struct Augment {
  std::vector<Layer> layers;
  std::vector<data::AugmentationPtr> batches;
  bool mixes_labels = false;
};
/// Throws Error{invalid_argument} listing the names there are.
[[nodiscard]] Augment augment_from_names(const std::string& names);

}  // namespace graft::transfer

#pragma GCC visibility pop
