// SPDX-License-Identifier: Apache-2.0
// The private part of an Optimizer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graft/extend/optimizer.hpp"

namespace graft {

struct Optimizer::State {
  struct OfWeight {
    VariablePtr weight;
    Tensor average, accumulated;  // empty without use_ema, gradient accumulation
    std::vector<Tensor> slots;
    bool decays = true;
  };

  State(std::string name_of_class, LearningRate rate, OptimizerOptions given);

  /// The state of a weight; made by the slots of its optimizer where it has none yet.
  OfWeight& of(const VariablePtr& weight, const Optimizer& owner);
  /// The rate at which a weight learns at `rate` of the optimizer.
  [[nodiscard]] float rate_of(const VariablePtr& weight, double rate) const;
  /// Adds the gradients up. False where the weights must not change yet; else the gradients become the means.
  bool accumulate(std::vector<plan::Gradient>& gradients);
  void clip(const std::vector<plan::Gradient>& gradients) const;
  void update_averages();
  void overwrite_with_averages();
  /// Handles on the live tensors of all weights, in Keras's order.
  [[nodiscard]] std::vector<OptimizerVariable> variables(const std::vector<Slot>& all) const;
  [[nodiscard]] std::int64_t iterations() const { return steps / options.gradient_accumulation_steps; }

  std::string class_name;
  LearningRate learning_rate;
  OptimizerOptions options;
  std::int64_t steps = 0;
  std::vector<OfWeight> weights;
  std::map<const Variable*, std::size_t> index;  // into weights
  std::map<const Variable*, double> multipliers;
  std::vector<VariablePtr> excluded;  // from weight decay
  std::vector<std::string> excluded_names;
};

}  // namespace graft
