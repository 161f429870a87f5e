// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/extend/callback.hpp"
#include "graft/training.hpp"

#include "training/compiled.hpp"

namespace graft {
namespace {

/// Restores weights, optimizer and figures when it is destroyed, also when a step fails.
class Restorer {
 public:
  explicit Restorer(Model& model)
      : compiled_(training::compiled(model)),
        optimizer_(*compiled_.options().optimizer),
        weights_(model.weights()),
        rate_(optimizer_.learning_rate()) {
    optimizer_.build(model.trainable_weights());
    for (OptimizerVariable& variable : optimizer_.variables())
      variables_.push_back(std::move(variable.value));
    compiled_.save_state(state_);
  }
  ~Restorer() {
    weights_.restore();
    optimizer_.set_variables(variables_);
    optimizer_.set_learning_rate(rate_);  // the variable has it in float32
    compiled_.load_state(state_);
  }
  Restorer(const Restorer&) = delete;
  Restorer& operator=(const Restorer&) = delete;

 private:
  training::Compiled& compiled_;
  Optimizer& optimizer_;
  WeightsSnapshot weights_;
  double rate_;
  std::vector<Tensor> variables_;
  StateBag state_;
};

void check(const Optimizer& optimizer, const LearningRateFinderOptions& options) {
  if (optimizer.has_schedule())
    fail(ErrorKind::invalid_argument, "find_learning_rate: expected an optimizer without a schedule");
  if (!(options.from > 0 && options.from < options.to && std::isfinite(options.to)) || options.steps < 10 ||
      !(options.smoothing >= 0 && options.smoothing < 1) || !(options.stop_at > 1)) {
    fail(ErrorKind::invalid_argument,
         "find_learning_rate: expected 0 < from < to, 10 steps or more, smoothing below "
         "1 and stop_at above 1; received ",
         options.from, ", ", options.to, ", ", options.steps, ", ", options.smoothing, " and ",
         options.stop_at);
  }
}

/// The slope of the smoothed loss by the logarithm of the rate, over two steps.
double slope(const std::vector<LearningRateCurve::Point>& points, std::size_t at) {
  return (points[at + 1].smoothed - points[at - 1].smoothed) /
         (std::log(points[at + 1].rate) - std::log(points[at - 1].rate));
}

void suggest(LearningRateCurve& curve) {
  const auto& points = curve.points;
  if (points.size() < 3) return;
  const auto lowest = std::ranges::min_element(points, {}, &LearningRateCurve::Point::smoothed);
  curve.lowest_loss = lowest->rate;
  const auto last = static_cast<std::size_t>(lowest - points.begin());
  double steepest = 0;
  // In the first tenth the smoothing has seen few losses; after the minimum the loss rises.
  for (std::size_t i = std::max<std::size_t>(1, points.size() / 10); i < std::min(last, points.size() - 1);
       ++i) {
    if (slope(points, i) >= steepest) continue;
    steepest = slope(points, i);
    curve.fastest_fall = points[i].rate;
  }
  if (curve.fastest_fall > 0) curve.suggestion = std::min(curve.fastest_fall, curve.lowest_loss / 10);
}

}  // namespace

LearningRateCurve find_learning_rate(Model& model, const data::Dataset& dataset,
                                     const LearningRateFinderOptions& options) {
  Optimizer& optimizer = *training::compiled(model).options().optimizer;
  check(optimizer, options);
  if (dataset.size() == 0) fail(ErrorKind::invalid_argument, "find_learning_rate: the data set is empty");
  const Restorer restorer(model);
  LearningRateCurve curve;
  double sum = 0;
  double best = 0;
  std::uint64_t epoch = 0;
  data::BatchIterator batches = dataset.iterate(epoch);
  for (std::int64_t step = 0; step < options.steps; ++step) {
    auto batch = batches.next();
    if (!batch) {
      batches = dataset.iterate(++epoch);
      batch = batches.next();
    }
    const double part = static_cast<double>(step) / static_cast<double>(options.steps - 1);
    const double rate = options.from * std::pow(options.to / options.from, part);
    optimizer.set_learning_rate(rate);
    const double loss = training::compiled(model).step(model, *batch, {});
    if (!std::isfinite(loss)) break;
    sum = options.smoothing * sum + (1 - options.smoothing) * loss;
    const double smoothed = sum / (1 - std::pow(options.smoothing, static_cast<double>(step + 1)));
    curve.points.push_back({rate, loss, smoothed});
    if (step == 0 || smoothed < best) best = smoothed;
    if (smoothed > options.stop_at * best && best > 0) break;
    if (options.progress && !options.progress(step + 1)) break;
  }
  suggest(curve);
  return curve;
}

}  // namespace graft
