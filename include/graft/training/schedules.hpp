// SPDX-License-Identifier: Apache-2.0
// Learning rates that change with the step: keras.optimizers.schedules, with its names and defaults.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "graft/json_fwd.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// A learning rate: a number, or a function of the step number (from 0) such as CosineDecay. Numbers are
/// float32 as in Keras. Immutable; copies are cheap; threads: any.
class LearningRate {
 public:
  /// The same rate at every step; rounded to float32.
  // NOLINTNEXTLINE(google-explicit-constructor): learning_rate = 1e-4 should read as in Keras
  LearningRate(double value) : value_(static_cast<float>(value)) {}
  /// schedule: returns the rate of a step, from 0; called from any thread. config: Keras's serialised form.
  LearningRate(std::function<double(std::int64_t)> schedule, Json config);
  /// The rate of a step, from 0.
  [[nodiscard]] double at(std::int64_t step) const { return schedule_ ? schedule_(step) : value_; }
  /// False for a plain number.
  [[nodiscard]] bool is_schedule() const { return static_cast<bool>(schedule_); }
  /// Keras's config: the number, or the serialised schedule.
  [[nodiscard]] Json config() const;

 private:
  double value_ = 0;
  std::function<double(std::int64_t)> schedule_;
  std::shared_ptr<const Json> config_;
};

/// Arguments of ExponentialDecay() and InverseTimeDecay(), with Keras's names.
struct ExponentialDecayOptions {
  double initial_learning_rate = 0.1;  ///< rate of step 0
  std::int64_t decay_steps = 1000;     ///< the unit in which the formulas count steps; at least 1
  double decay_rate = 0.9;             ///< factor per unit; InverseTimeDecay: growth of the divisor per unit
  bool staircase = false;              ///< the rate changes only at multiples of decay_steps
};
/// initial decay_rate^(step / decay_steps). This and the schedules below throw Error{invalid_argument} for
/// options out of range.
[[nodiscard]] LearningRate ExponentialDecay(const ExponentialDecayOptions& options);
/// initial / (1 + decay_rate step / decay_steps).
[[nodiscard]] LearningRate InverseTimeDecay(const ExponentialDecayOptions& options);

/// Arguments of PiecewiseConstantDecay(), with Keras's names.
struct PiecewiseConstantDecayOptions {
  std::vector<std::int64_t> boundaries;  ///< steps, rising
  std::vector<double> values;            ///< rates, one more than boundaries
};
/// values[i] up to and including step boundaries[i], then the last value. Throws Error{invalid_argument}
/// where the lengths do not fit or boundaries is empty.
[[nodiscard]] LearningRate PiecewiseConstantDecay(const PiecewiseConstantDecayOptions& options);

/// Arguments of PolynomialDecay(), with Keras's names.
struct PolynomialDecayOptions {
  double initial_learning_rate = 0.1;  ///< rate of step 0
  std::int64_t decay_steps = 1000;     ///< steps from the first rate to the last; at least 1
  double end_learning_rate = 0.0001;   ///< the last rate, kept after the decay unless cycle
  double power = 1;                    ///< 1: linear
  bool cycle = false;                  ///< starts again, decay_steps longer, whenever the end is reached
};
/// (initial - end) (1 - step / decay_steps)^power + end.
[[nodiscard]] LearningRate PolynomialDecay(const PolynomialDecayOptions& options);

/// Arguments of CosineDecay(), with Keras's names.
struct CosineDecayOptions {
  double initial_learning_rate = 0.1;   ///< the first rate
  std::int64_t decay_steps = 1000;      ///< steps of the decay, after the warm-up; at least 1
  double alpha = 0;                     ///< the last rate, as a fraction of the first (or of warmup_target)
  std::optional<double> warmup_target;  ///< the rate rises linearly to it during warmup_steps
  std::int64_t warmup_steps = 0;        ///< ignored without warmup_target
};
/// Half a cosine from the first rate to the last, after an optional warm-up.
[[nodiscard]] LearningRate CosineDecay(const CosineDecayOptions& options);

/// Arguments of CosineDecayRestarts(), with Keras's names.
struct CosineDecayRestartsOptions {
  double initial_learning_rate = 0.1;     ///< rate of step 0
  std::int64_t first_decay_steps = 1000;  ///< steps of the first period; at least 1
  double t_mul = 2;                       ///< each period is t_mul times as long as the last
  double m_mul = 1;                       ///< and starts at m_mul times its rate
  double alpha = 0;                       ///< least rate, as a fraction of the first
};
/// Cosine decay with warm restarts (Loshchilov and Hutter 2016).
[[nodiscard]] LearningRate CosineDecayRestarts(const CosineDecayRestartsOptions& options);

/// Arguments of OneCycle().
struct OneCycleOptions {
  double max_learning_rate = 0.1;   ///< the largest rate, at the end of the rise
  std::int64_t total_steps = 1000;  ///< steps of the whole training; at least 1
  double rise = 0.3;                ///< share of the steps in which the rate rises; from 0 to below 1
  double start_divisor = 25;        ///< the first rate is max / start_divisor
  double end_divisor = 250'000;     ///< the last rate is max / end_divisor
};
/// One cycle (Smith and Topin 2017): a linear rise to the largest rate, then half a cosine down to almost
/// 0. Keras has no class of this name; it is a CosineDecay with warm-up, and saved as one.
[[nodiscard]] LearningRate OneCycle(const OneCycleOptions& options);

}  // namespace graft

#pragma GCC visibility pop
