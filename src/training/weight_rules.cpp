// SPDX-License-Identifier: Apache-2.0
#include "training/weight_rules.hpp"

#include <algorithm>
#include <set>

#include "graft/base/error.hpp"
#include "graft/extend/layer.hpp"
#include "graft/models/find_layer.hpp"

#include "training/elements.hpp"

namespace graft::training {

StartingWeights starting_weights(const L2SP& options) {
  if (!(options.alpha >= 0 && options.beta >= 0)) {
    fail(ErrorKind::invalid_argument, "compile: l2_sp: expected alpha and beta of at least 0, received ",
         options.alpha, " and ", options.beta);
  }
  StartingWeights starts;
  if (options.alpha == 0 && options.beta == 0) return starts;
  for (const VariablePtr& weight : options.weights) starts.emplace_back(weight, weight->value().clone());
  return starts;
}

WeightRules::WeightRules(const Model& model, const L2SP& options, const StartingWeights& starts) {
  const std::vector<VariablePtr> training = model.trainable_weights();
  const std::set<VariablePtr> trains(training.begin(), training.end());
  for (const models::FoundLayer& found : models::all_layers(model)) {
    const layers::LayerBase& layer = *found.layer.base();
    for (const auto& [option, rule] : layer.rules()) {
      const VariablePtr weight = layer.ruled_weight(option);
      if (weight == nullptr || !trains.contains(weight)) continue;
      if (rule.starts_with('{')) {
        fail(ErrorKind::unsupported, "layer '", found.path, "': ", option,
             " is of a class that graft does not know: ", rule.substr(0, 120));
      }
      if (option.ends_with("_constraint")) {
        constrained_.push_back({weight, layers::Constraint(rule)});
      } else {
        regularized_.push_back({weight, layers::Regularizer(rule)});
      }
    }
  }
  if (options.alpha == 0 && options.beta == 0) return;
  for (const VariablePtr& weight : training) {
    const auto start = std::ranges::find(starts, weight, &StartingWeights::value_type::first);
    const bool pretrained = start != starts.end();
    const double strength = pretrained ? options.alpha : options.beta;
    if (strength > 0) tied_.push_back({weight, pretrained ? start->second : Tensor(), strength});
  }
}

double WeightRules::penalty() const {
  double total = 0;
  for (const Regularized& one : regularized_) total += one.regularizer.penalty(one.weight->value());
  for (const Tied& one : tied_) {
    if (one.start.empty()) {
      total += one.strength / 2 * sum_of_squares(one.weight->value());
      continue;
    }
    Tensor moved = one.weight->value().clone();
    const auto start = one.start.data<float>();
    const auto values = moved.data<float>();
    for_elements(values.size(), [&](std::size_t i) { values[i] -= start[i]; });
    total += one.strength / 2 * sum_of_squares(moved);
  }
  return total;
}

void WeightRules::add_gradients(const std::vector<plan::Gradient>& gradients) const {
  const auto gradient_of = [&](const VariablePtr& weight) {
    const auto found = std::ranges::find(gradients, weight, &plan::Gradient::variable);
    if (found == gradients.end())
      fail(ErrorKind::unsupported, "weight '", weight->path(),
           "' has a regularizer, but the output does not use it");
    return found->value;
  };
  for (const Regularized& one : regularized_) {
    Tensor gradient = gradient_of(one.weight);
    one.regularizer.add_gradient(one.weight->value(), gradient);
  }
  for (const Tied& one : tied_) {
    Tensor gradient = gradient_of(one.weight);
    const auto g = gradient.data<float>();
    const auto w = one.weight->value().data<float>();
    const auto strength = static_cast<float>(one.strength);
    const float* start = one.start.empty() ? nullptr : one.start.data<float>().data();
    for_elements(g.size(),
                 [&](std::size_t i) { g[i] += strength * (w[i] - (start != nullptr ? start[i] : 0.0F)); });
  }
}

void WeightRules::constrain() const {
  for (const Constrained& one : constrained_) one.constraint.apply(one.weight->mutable_value());
}

}  // namespace graft::training
