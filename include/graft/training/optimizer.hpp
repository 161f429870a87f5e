// SPDX-License-Identifier: Apache-2.0
// What all optimizers share. Which there are: optimizers.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/json_fwd.hpp"
#include "graft/plan/plan.hpp"
#include "graft/training/schedules.hpp"

namespace graft {

/// What every optimizer takes (keras.optimizers.Optimizer, Keras 3.15). At most one of clipnorm, clipvalue
/// and global_clipnorm.
struct OptimizerOptions {
  std::optional<double> weight_decay;     ///< before the step, w -= w weight_decay learning_rate
  std::optional<double> clipnorm;         ///< each weight's gradient is scaled down to this norm
  std::optional<double> clipvalue;        ///< each element is kept within -clipvalue..clipvalue
  std::optional<double> global_clipnorm;  ///< all gradients are scaled down to this common norm
  bool use_ema = false;                   ///< keeps a moving average of the weights; fit() ends with it
  double ema_momentum = 0.99;
  std::optional<std::int64_t> ema_overwrite_frequency;  ///< steps after which the average becomes the weights
  /// Kept for Keras's config alone: graft's losses are float32 and need no scaling.
  std::optional<double> loss_scale_factor;
  /// Weights change once in so many batches, by the mean of their gradients; 1: at each.
  std::int64_t gradient_accumulation_steps = 1;
  std::string name;  ///< empty: Keras's, "adam"
};

/// One state variable of an optimizer, as Keras saves it. The tensor is a copy.
struct OptimizerVariable {
  std::string name;  ///< "iteration", "learning_rate", "conv1_kernel_momentum"
  Tensor value;
};

/// Changes weights by their gradients, with Keras's arithmetic (keras/src/optimizers). Keeps state for each
/// weight that it has seen. Threads: one user at a time.
class Optimizer {
 public:
  Optimizer(std::string class_name, LearningRate learning_rate, OptimizerOptions options);
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Makes the state of these weights, in Keras's order that of model.trainable_weights(). Weights that have
  /// state keep it.
  void build(const std::vector<VariablePtr>& weights);
  /// One step on all weights; builds first what is new. The gradients' elements are overwritten when clipped.
  void apply(const std::vector<plan::Gradient>& gradients);
  /// With use_ema: the averages become the weights. fit() calls it at its end
  /// (Keras's finalize_variable_values).
  void finalize();

  /// Weights that weight_decay leaves alone: these, and those in whose name ("bias") one of the given regular
  /// expressions is found.
  void exclude_from_weight_decay(const std::vector<VariablePtr>& weights,
                                 const std::vector<std::string>& names = {});

  /// These weights learn at so many times the learning rate (and decay so); 1 at first. A weight that is
  /// given 0 stays as it is. Not part of Keras's config; see layer_rates.hpp.
  void set_rate_multiplier(const std::vector<VariablePtr>& weights, double multiplier);

  [[nodiscard]] const std::string& name() const { return options_.name; }
  /// Keras's class name: "Adam".
  [[nodiscard]] const std::string& class_name() const { return class_name_; }
  /// Of the next step.
  [[nodiscard]] double learning_rate() const { return learning_rate_.at(steps_); }
  [[nodiscard]] bool has_schedule() const { return learning_rate_.is_schedule(); }
  void set_learning_rate(LearningRate learning_rate) { learning_rate_ = std::move(learning_rate); }
  /// Steps taken, counting with gradient accumulation only those that changed weights.
  [[nodiscard]] std::int64_t iterations() const { return steps_ / options_.gradient_accumulation_steps; }
  [[nodiscard]] const OptimizerOptions& options() const { return options_; }

  /// Keras's serialised form, for the compile_config of a .keras file.
  [[nodiscard]] Json config() const;
  /// The whole state in Keras's order: iteration (int64 scalar), learning_rate (float32 scalar; not with a
  /// schedule), moving averages, accumulated gradients, then the optimizer's own, as
  /// keras.Optimizer.variables lists them and a .keras file stores them as vars/0, vars/1, ...
  [[nodiscard]] std::vector<OptimizerVariable> variables() const;
  /// Takes over what variables() gave, in this order. build() comes first. Throws Error{shape_mismatch}
  /// naming the first that does not fit, with nothing changed.
  void set_variables(const std::vector<Tensor>& values);

 protected:
  /// A tensor of state for each weight. Slots of one group are stored weight by weight, groups one after the
  /// other.
  struct Slot {
    std::string name;
    int group = 0;
    float initial = 0;
  };
  [[nodiscard]] virtual std::vector<Slot> slots() const = 0;

  /// One weight's step: arrays of `count` elements; slots in the order of slots().
  struct Step {
    std::size_t count = 0;
    float* weight = nullptr;
    const float* gradient = nullptr;
    std::vector<float*> slots;
    float learning_rate = 0;
    std::int64_t number = 1;  ///< from 1, of the steps that change weights
  };
  /// Called once before the updates of a step.
  virtual void begin_step(std::int64_t number) { (void)number; }
  virtual void update(const Step& step) const = 0;
  /// State that belongs to no weight: handles on the live tensors.
  [[nodiscard]] virtual std::vector<OptimizerVariable> own_variables() const { return {}; }
  /// Keras's get_config() of this class, without what every optimizer has.
  [[nodiscard]] virtual Json own_config() const = 0;

 private:
  struct State {
    VariablePtr weight;
    Tensor average, accumulated;
    std::vector<Tensor> slots;
    bool decays = true;
  };
  State& state_of(const VariablePtr& weight);
  [[nodiscard]] std::vector<OptimizerVariable> weight_variables() const;
  bool accumulate(std::vector<plan::Gradient>& gradients);
  void clip(const std::vector<plan::Gradient>& gradients) const;
  void update_averages();
  void overwrite_with_averages();

  std::string class_name_;
  LearningRate learning_rate_;
  OptimizerOptions options_;
  std::int64_t steps_ = 0;
  std::vector<State> states_;
  std::map<const Variable*, std::size_t> index_;
  std::map<const Variable*, double> multipliers_;
  std::vector<VariablePtr> excluded_;
  std::vector<std::string> excluded_names_;
};

using OptimizerPtr = std::shared_ptr<Optimizer>;

}  // namespace graft
