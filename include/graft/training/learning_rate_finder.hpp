// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "graft/data/dataset.hpp"
#include "graft/models/model.hpp"

namespace graft {

struct LearningRateFinderOptions {
  double from = 1e-7;        ///< the first step's rate
  double to = 1;             ///< the last step's; rates between rise by equal factors
  std::int64_t steps = 100;  ///< at least 10; the data are gone over again as often as it takes
  double smoothing = 0.9;    ///< share of the losses so far in the smoothed loss
  double stop_at = 4;        ///< ends where the smoothed loss is so many times its least
  /// Called after each step; false ends the search.
  std::function<bool(std::int64_t step)> progress;
};

struct LearningRateCurve {
  struct Point {
    double rate = 0, loss = 0;
    double smoothed = 0;  ///< moving average of the losses, as Adam's corrected for its beginning
  };
  std::vector<Point> points;
  double steepest = 0;    ///< the rate at which the smoothed loss falls fastest by the rate's logarithm
  double least = 0;       ///< the rate at which it is least: too high to train at
  double suggestion = 0;  ///< the lower of steepest and a tenth of least; 0 where the loss never falls
};

/// The learning-rate range test (Smith, "Cyclical learning rates for training neural networks", 2017): trains
/// a compiled model for a few steps at rising rates and watches the loss. Weights, optimizer and random state
/// are afterwards what they were. Throws Error{invalid_argument} for an optimizer with a schedule or options
/// that make no sense.
[[nodiscard]] LearningRateCurve find_learning_rate(Model& model, const data::Dataset& dataset,
                                                   const LearningRateFinderOptions& options = {});

/// The curve as an SVG picture: loss over the rate's logarithm, the suggestion marked.
[[nodiscard]] std::string to_svg(const LearningRateCurve& curve);

}  // namespace graft
