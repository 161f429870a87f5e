// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "graft/layers/values.hpp"
#include "graft/model.hpp"
#include "graft/plan/plan.hpp"
#include "graft/training.hpp"

namespace graft::training {

/// Weights and the values that L2-SP ties them to.
using StartingWeights = std::vector<std::pair<VariablePtr, Tensor>>;
/// Copies of the values of L2SP::weights; none where alpha and beta are 0.
[[nodiscard]] StartingWeights starting_weights(const L2SP& options);

/// The rules for a model's trainable weights in addition to the loss: regularizers, L2-SP, constraints.
class WeightRules {
 public:
  WeightRules() = default;
  /// Throws Error{unsupported} naming a layer with a rule that graft cannot train with.
  WeightRules(const Model& model, const L2SP& options, const StartingWeights& starts);

  [[nodiscard]] bool adds_loss() const { return !regularized_.empty() || !tied_.empty(); }
  /// What the rules add to the loss (Keras: sum(model.losses)).
  [[nodiscard]] double penalty() const;
  /// Adds its derivative to the gradients.
  void add_gradients(const std::vector<plan::Gradient>& gradients) const;
  /// Applies the constraints to the weights.
  void constrain() const;

 private:
  struct Regularized {
    VariablePtr weight;
    layers::Regularizer regularizer;
  };
  struct Tied {
    VariablePtr weight;
    Tensor start;  // empty: zeros
    double strength = 0;
  };
  struct Constrained {
    VariablePtr weight;
    layers::Constraint constraint;
  };
  std::vector<Regularized> regularized_;
  std::vector<Tied> tied_;
  std::vector<Constrained> constrained_;
};

}  // namespace graft::training
