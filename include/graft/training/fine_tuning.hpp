// SPDX-License-Identifier: Apache-2.0
// Fine-tuning beyond Keras: learning rates by depth and gradual unfreezing (Howard and Ruder, "Universal
// language model fine-tuning for text classification", 2018), and the search for a learning rate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "graft/data/dataset.hpp"
#include "graft/extend/callback.hpp"
#include "graft/models/model.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// Layers that are treated alike, with the name of the first: "block5_conv1".
struct LayerGroup {
  std::string name;
  std::vector<VariablePtr> weights;
};

/// The trainable weights of a model by layer, from the input to the output, nested models opened; then joined
/// into this many groups of about equally many layers (0, or more than there are layers: a group per layer).
[[nodiscard]] std::vector<LayerGroup> layer_groups(const Model& model, std::size_t groups = 0);

/// Sets the rate of each group: the last has the optimizer's rate, each other `decay` times the rate of the
/// next group. The paper uses 1 / 2.6; above 0, at most 1. Throws Error{invalid_argument}. Returns the
/// multipliers in the groups' order.
std::vector<double> set_layer_rates(Optimizer& optimizer, const std::vector<LayerGroup>& groups,
                                    double decay);

struct GradualUnfreezingOptions {
  std::vector<LayerGroup> groups;     ///< from the input to the output
  std::int64_t epochs_per_group = 1;  ///< epochs after which the next group begins to train
  std::vector<double> multipliers{};  ///< rate of each group once it trains; empty: 1
  std::int64_t first_epoch = 0;       ///< number of the epoch in which only the last group trains
};
/// Trains the last group first, then also the one before it, and so on, by rate multipliers of the optimizer.
/// A group that does not train yet keeps its weights bit by bit.
[[nodiscard]] CallbackPtr GradualUnfreezing(GradualUnfreezingOptions options);

struct LearningRateFinderOptions {
  double from = 1e-7;        ///< the first step's rate
  double to = 1;             ///< the last step's; rates between rise by equal factors
  std::int64_t steps = 100;  ///< at least 10; the data are repeated as needed
  double smoothing = 0.9;    ///< share of the earlier losses in the smoothed loss
  double stop_at = 4;        ///< ends where the smoothed loss is this many times its minimum
  /// Called after each step; false ends the search.
  std::function<bool(std::int64_t step)> progress;
};

struct LearningRateCurve {
  struct Point {
    double rate = 0, loss = 0;
    double smoothed = 0;  ///< moving average of the losses, corrected for its start as Adam's
  };
  std::vector<Point> points;
  double steepest = 0;    ///< the rate at which the smoothed loss falls fastest by the rate's logarithm
  double least = 0;       ///< the rate at which it is least: too high to train at
  double suggestion = 0;  ///< the lower of steepest and a tenth of least; 0 where the loss never falls
};

/// The learning-rate range test (Smith, "Cyclical learning rates for training neural networks", 2017): trains
/// a compiled model for a few steps at rising rates and records the loss. Weights, optimizer and random state
/// are then restored. Throws Error{invalid_argument} for an optimizer with a schedule or options
/// that make no sense.
[[nodiscard]] LearningRateCurve find_learning_rate(Model& model, const data::Dataset& dataset,
                                                   const LearningRateFinderOptions& options = {});

/// The curve as an SVG picture: loss over the rate's logarithm, the suggestion marked.
[[nodiscard]] std::string to_svg(const LearningRateCurve& curve);

}  // namespace graft

#pragma GCC visibility pop
