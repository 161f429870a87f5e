// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/plan/plan.hpp"

namespace graft {

/// A learning rate: a number, or a function of the step number (from 0) such as CosineDecay.
class LearningRate {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): learning_rate = 1e-4 should read as in Keras
  LearningRate(double value) : value_(value) {}
  LearningRate(std::function<double(std::int64_t)> schedule, Json config)
      : schedule_(std::move(schedule)), config_(std::move(config)) {}
  [[nodiscard]] double at(std::int64_t step) const { return schedule_ ? schedule_(step) : value_; }
  /// Keras's config: the number, or the serialised schedule.
  [[nodiscard]] Json config() const { return schedule_ ? config_ : Json(value_); }

 private:
  double value_ = 0;
  std::function<double(std::int64_t)> schedule_;
  Json config_;
};

struct ExponentialDecayOptions {
  double initial_learning_rate = 0.1;
  std::int64_t decay_steps = 1000;
  double decay_rate = 0.9;
  bool staircase = false;  ///< whole multiples of decay_steps alone
};
/// initial decay_rate^(step / decay_steps) (keras.optimizers.schedules.ExponentialDecay).
[[nodiscard]] LearningRate ExponentialDecay(const ExponentialDecayOptions& options);

struct CosineDecayOptions {
  double initial_learning_rate = 0.1;
  std::int64_t decay_steps = 1000;
  double alpha = 0;  ///< the last rate, as a fraction of the first
};
/// Half a cosine from the first rate to the last (keras.optimizers.schedules.CosineDecay, without warm-up).
[[nodiscard]] LearningRate CosineDecay(const CosineDecayOptions& options);

/// Changes weights by their gradients, with Keras's arithmetic (keras/src/optimizers). Keeps state for each
/// weight that it has seen. Threads: one user at a time.
class Optimizer {
 public:
  Optimizer(std::string name, LearningRate learning_rate, std::int64_t gradient_accumulation_steps);
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// One step on all weights.
  void apply(const std::vector<plan::Gradient>& gradients);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] double learning_rate() const { return learning_rate_.at(steps_); }
  void set_learning_rate(LearningRate learning_rate) { learning_rate_ = std::move(learning_rate); }
  /// Steps taken, counting with gradient accumulation only those that changed weights.
  [[nodiscard]] std::int64_t iterations() const { return steps_ / accumulation_; }
  /// Keras's serialised form, for the compile_config of a .keras file.
  [[nodiscard]] Json config() const;

 protected:
  /// State tensors of a weight, as many as asked for, zeros at first.
  using Slots = std::vector<Tensor>;
  [[nodiscard]] virtual std::size_t slot_count() const = 0;
  /// Updates one weight. step: from 1, of the steps that change weights.
  virtual void update(std::span<float> weight, std::span<const float> gradient, Slots& slots,
                      double learning_rate, std::int64_t step) = 0;
  [[nodiscard]] virtual Json own_config() const = 0;

 private:
  struct State {
    Slots slots;
    Tensor accumulated;
  };
  std::string name_;
  LearningRate learning_rate_;
  std::int64_t accumulation_;
  std::int64_t steps_ = 0;
  std::map<const Variable*, State> states_;
};

using OptimizerPtr = std::shared_ptr<Optimizer>;

struct SGDOptions {
  LearningRate learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  std::int64_t gradient_accumulation_steps = 1;
};
/// w -= lr g; with momentum v = momentum v - lr g, w += v (nesterov: w += momentum v - lr g).
[[nodiscard]] OptimizerPtr SGD(const SGDOptions& options = {});

struct RMSpropOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;  ///< subtracts the squared mean gradient
  std::int64_t gradient_accumulation_steps = 1;
};
/// v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + epsilon), through a momentum buffer where momentum > 0.
[[nodiscard]] OptimizerPtr RMSprop(const RMSpropOptions& options = {});

struct AdamOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  std::int64_t gradient_accumulation_steps = 1;
};
/// Kingma and Ba 2014, in the form before section 2.1 as Keras computes it.
[[nodiscard]] OptimizerPtr Adam(const AdamOptions& options = {});

}  // namespace graft
