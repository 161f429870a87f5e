// SPDX-License-Identifier: Apache-2.0
// What all optimizers share, and what authors of optimizers derive from. The optimizers of graft:
// graft/training/optimizers.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graft/extend/gradient.hpp"
#include "graft/json_fwd.hpp"
#include "graft/training/schedules.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// The options of every optimizer (keras.optimizers.Optimizer, Keras 3.15). At most one of clipnorm,
/// clipvalue and global_clipnorm.
struct OptimizerOptions {
  std::optional<double> weight_decay;     ///< before the step, w -= w weight_decay learning_rate
  std::optional<double> clipnorm;         ///< each weight's gradient is scaled down to this norm
  std::optional<double> clipvalue;        ///< each element is kept within -clipvalue..clipvalue
  std::optional<double> global_clipnorm;  ///< all gradients are scaled down to this common norm
  bool use_ema = false;                   ///< keeps a moving average of the weights; fit() ends with it
  double ema_momentum = 0.99;             ///< share of the old average that stays at each step; 0 to 1
  std::optional<std::int64_t> ema_overwrite_frequency;  ///< steps after which the average becomes the weights
  /// Only kept for Keras's config: graft's losses are float32 and need no scaling.
  std::optional<double> loss_scale_factor;
  /// Weights change once in this many batches, by the mean of their gradients; 1: at each.
  std::int64_t gradient_accumulation_steps = 1;
  std::string name;  ///< in the config; empty: the class name in snake case, "adam"
};

/// One state variable of an optimizer, as Keras saves it.
struct OptimizerVariable {
  std::string name;  ///< "iteration", "learning_rate", "conv1_kernel_momentum"
  Tensor value;      ///< in the weight's shape, or a scalar
};

/// Changes weights by their gradients, with Keras's arithmetic (keras/src/optimizers). Keeps state for each
/// weight that it has seen. Threads: one user at a time.
class Optimizer {
 public:
  /// class_name: Keras's, "Adam"; for a user's class the registered one. Throws Error{invalid_argument} for
  /// options out of range.
  Optimizer(std::string class_name, LearningRate learning_rate, OptimizerOptions options);
  virtual ~Optimizer();
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Makes the state of these weights, which Keras keeps in the order of model.trainable_weights(). Weights
  /// that have state keep it.
  void build(const std::vector<VariablePtr>& weights);
  /// One step on all weights; builds the state of new weights first. Clipping overwrites the gradients'
  /// elements.
  void apply(const std::vector<plan::Gradient>& gradients);
  /// With use_ema: the averages become the weights. fit() calls it at its end
  /// (Keras's finalize_variable_values).
  void finalize();

  /// Excludes from weight_decay these weights, and weights in whose name ("bias") one of the regular
  /// expressions is found. Call it before the first step.
  void exclude_from_weight_decay(const std::vector<VariablePtr>& weights,
                                 const std::vector<std::string>& names = {});

  /// These weights learn (and decay) at `multiplier` times the learning rate; the default is 1. A weight with
  /// multiplier 0 stays as it is. Not part of Keras's config; see graft/training.hpp.
  void set_rate_multiplier(const std::vector<VariablePtr>& weights, double multiplier);

  /// OptimizerOptions::name; where it was empty the class name in snake case, "adam".
  [[nodiscard]] const std::string& name() const;
  /// Keras's class name: "Adam".
  [[nodiscard]] const std::string& class_name() const;
  /// The learning rate of the next step, without multipliers.
  [[nodiscard]] double learning_rate() const;
  /// True where the learning rate is a schedule, not a plain number.
  [[nodiscard]] bool has_schedule() const;
  /// Replaces the number or the schedule, from the next step on.
  void set_learning_rate(LearningRate learning_rate);
  /// Steps done. With gradient accumulation only steps that changed weights count.
  [[nodiscard]] std::int64_t iterations() const;
  /// The options that every optimizer has, with the name filled in.
  [[nodiscard]] const OptimizerOptions& options() const;

  /// Keras's serialised form, for the compile_config of a .keras file.
  [[nodiscard]] Json config() const;
  /// Copies of the whole state in Keras's order: iteration (int64 scalar), learning_rate (float32 scalar; not
  /// with a schedule), moving averages, accumulated gradients, then the optimizer's own, as
  /// keras.Optimizer.variables lists them and a .keras file stores them as vars/0, vars/1, ...
  [[nodiscard]] std::vector<OptimizerVariable> variables() const;
  /// Restores what variables() returned, in the same order. Call build() first. Throws Error{shape_mismatch}
  /// naming the first that does not fit, with nothing changed.
  void set_variables(const std::vector<Tensor>& values);

 protected:
  /// A tensor of state that every weight has, in the weight's shape.
  struct Slot {
    std::string name;   ///< last part of the state variable's name: "momentum"
    int group = 0;      ///< slots of one group are stored weight by weight, groups one after the other
    float initial = 0;  ///< value of all elements at first
  };
  /// The optimizer's slots, the same at each call.
  [[nodiscard]] virtual std::vector<Slot> slots() const = 0;

  /// One weight's step. Its arrays are valid during update().
  struct Step {
    std::size_t count = 0;            ///< elements of each array
    float* weight = nullptr;          ///< to change; weight decay is already done
    const float* gradient = nullptr;  ///< clipped; with gradient accumulation the mean
    std::vector<float*> slots;        ///< the weight's state, in the order of slots()
    float learning_rate = 0;          ///< of this weight and step: with its multiplier
    std::int64_t number = 1;          ///< from 1, of the steps that change weights
  };
  /// Called once before the updates of a step; number as in Step.
  virtual void begin_step(std::int64_t number) { (void)number; }
  /// Changes one weight and its slots. Called for each weight of a step, in the thread that called apply().
  virtual void update(const Step& step) const = 0;
  /// State that belongs to no weight: handles on the live tensors.
  [[nodiscard]] virtual std::vector<OptimizerVariable> own_variables() const { return {}; }
  /// Keras's get_config() of this class, without what every optimizer has.
  [[nodiscard]] virtual Json own_config() const;

 private:
  struct State;
  /// Handles on the tensors that variables() copies.
  [[nodiscard]] std::vector<OptimizerVariable> live_variables() const;
  std::unique_ptr<State> state_;
};

/// An optimizer and its state; copies are the same optimizer.
using OptimizerPtr = std::shared_ptr<Optimizer>;

/// A config of Keras's form, with what every optimizer has already read.
struct OptimizerConfig {
  const Json& config;                         ///< what own_config() returned is among its keys
  std::optional<LearningRate> learning_rate;  ///< unset where the config has none
  OptimizerOptions shared;                    ///< the options that every optimizer has
};

/// Registers a class of optimizers, so that files that name it load
/// (keras.saving.register_keras_serializable(package)). from_config makes the optimizer, without state, from
/// the config of a file; it throws Error{bad_file} for what it cannot read. Throws Error{invalid_argument}
/// for an empty package or name or one with '>', for one that graft or an earlier registration uses, in any
/// case of letters, and for an empty function. Threads: any.
void register_optimizer(const std::string& package, const std::string& class_name,
                        std::function<OptimizerPtr(const OptimizerConfig& config)> from_config);

}  // namespace graft

#pragma GCC visibility pop
