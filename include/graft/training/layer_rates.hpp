// SPDX-License-Identifier: Apache-2.0
// Fine-tuning that treats layers by their depth: discriminative learning rates and gradual unfreezing (Howard
// and Ruder, "Universal language model fine-tuning for text classification", 2018).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "graft/extend/callback.hpp"
#include "graft/models/model.hpp"

namespace graft {

/// Layers that are treated alike, with the first name to show: "block5_conv1".
struct LayerGroup {
  std::string name;
  std::vector<VariablePtr> weights;
};

/// The trainable weights of a model by layer, from the input to the output, nested models opened; then joined
/// into so many groups of about as many layers each (0, or more than there are: a group for each layer).
[[nodiscard]] std::vector<LayerGroup> layer_groups(const Model& model, std::size_t groups = 0);

/// Gives each group its rate: the last the optimizer's own, each one before it `decay` times the next's. 1
/// / 2.6 is the paper's; above 0, at most 1. Throws Error{invalid_argument}. Returns the multipliers, as the
/// groups.
std::vector<double> set_layer_rates(Optimizer& optimizer, const std::vector<LayerGroup>& groups,
                                    double decay);

struct GradualUnfreezingOptions {
  std::vector<LayerGroup> groups;     ///< from the input to the output
  std::int64_t epochs_per_group = 1;  ///< after so many epochs the next group begins to train
  std::vector<double> multipliers{};  ///< rate of each group once it trains; empty: 1
  std::int64_t first_epoch = 0;       ///< the number of the epoch in which the last group alone trains
};
/// Trains the last group first, then the one before it too, and so on, by rate multipliers of the optimizer:
/// a group that does not train yet is bit for bit what it was.
[[nodiscard]] CallbackPtr GradualUnfreezing(GradualUnfreezingOptions options);

}  // namespace graft
