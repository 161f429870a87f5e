// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "graft/layers/regularizer.hpp"
#include "graft/models/model.hpp"
#include "graft/plan/plan.hpp"
#include "graft/training/training.hpp"

namespace graft::training {

/// Weights and the values that they are tied to.
using StartingWeights = std::vector<std::pair<VariablePtr, Tensor>>;
/// Copies of L2SP's weights; none where alpha is 0.
[[nodiscard]] StartingWeights starting_weights(const L2SP& options);

/// What holds of a model's trainable weights beside the loss of its outputs:
/// regularizers, L2-SP, constraints.
class WeightRules {
 public:
  WeightRules() = default;
  /// Throws Error{unsupported} naming a layer with a rule that graft cannot
  /// train with.
  WeightRules(const Model& model, const L2SP& options, const StartingWeights& starts);

  [[nodiscard]] bool adds_loss() const { return !regularized_.empty() || !tied_.empty(); }
  /// What the rules add to the loss (Keras: sum(model.losses)).
  [[nodiscard]] double penalty() const;
  /// Adds its derivative to the gradients.
  void add_gradients(const std::vector<plan::Gradient>& gradients) const;
  /// Brings the weights back within their constraints.
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
