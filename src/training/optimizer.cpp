// SPDX-License-Identifier: Apache-2.0
#include "graft/training/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

#include "graft/base/error.hpp"
#include "graft/extend/layer.hpp"

#include "training/elements.hpp"
#include "training/settings.hpp"

namespace graft {

Optimizer::Optimizer(std::string class_name, LearningRate learning_rate, OptimizerOptions options)
    : class_name_(std::move(class_name)),
      learning_rate_(std::move(learning_rate)),
      options_(std::move(options)) {
  const OptimizerOptions& o = options_;
  if (o.gradient_accumulation_steps < 1) {
    fail(ErrorKind::invalid_argument, class_name_,
         ": gradient_accumulation_steps: expected at least 1, received ", o.gradient_accumulation_steps);
  }
  if (o.use_ema && !(o.ema_momentum >= 0 && o.ema_momentum <= 1)) {
    fail(ErrorKind::invalid_argument, class_name_, ": ema_momentum: expected 0 to 1, received ",
         o.ema_momentum);
  }
  if (o.ema_overwrite_frequency && *o.ema_overwrite_frequency < 1) {
    fail(ErrorKind::invalid_argument, class_name_,
         ": ema_overwrite_frequency: expected at least 1, received ", *o.ema_overwrite_frequency);
  }
  if (int{o.clipnorm.has_value()} + int{o.clipvalue.has_value()} + int{o.global_clipnorm.has_value()} > 1) {
    fail(ErrorKind::invalid_argument, class_name_,
         ": expected at most one of clipnorm, clipvalue and global_clipnorm");
  }
  if (options_.name.empty()) options_.name = layers::to_snake_case(class_name_);
}

Optimizer::State& Optimizer::state_of(const VariablePtr& weight) {
  const auto [at, is_new] = index_.try_emplace(weight.get(), states_.size());
  if (!is_new) return states_[at->second];
  State& state = states_.emplace_back();
  state.weight = weight;
  if (options_.use_ema) state.average = Tensor(weight->shape());
  if (options_.gradient_accumulation_steps > 1) state.accumulated = Tensor(weight->shape());
  for (const Slot& slot : slots()) state.slots.push_back(Tensor::full(weight->shape(), slot.initial));
  state.decays = std::ranges::find(excluded_, weight) == excluded_.end();
  for (const std::string& name : excluded_names_) {
    if (std::regex_search(weight->name(), std::regex(name))) state.decays = false;
  }
  return state;
}

void Optimizer::build(const std::vector<VariablePtr>& weights) {
  for (const VariablePtr& weight : weights) state_of(weight);
}

void Optimizer::exclude_from_weight_decay(const std::vector<VariablePtr>& weights,
                                          const std::vector<std::string>& names) {
  if (!states_.empty()) {
    fail(ErrorKind::invalid_argument, class_name_,
         ": exclude_from_weight_decay: expected before the first step");
  }
  for (const std::string& name : names) {
    try {
      static_cast<void>(std::regex(name));
    } catch (const std::regex_error&) {
      fail(ErrorKind::invalid_argument, class_name_, ": exclude_from_weight_decay: '", name,
           "' is not a regular expression");
    }
  }
  excluded_ = weights;
  excluded_names_ = names;
}

void Optimizer::set_rate_multiplier(const std::vector<VariablePtr>& weights, double multiplier) {
  if (!(multiplier >= 0) || !std::isfinite(multiplier)) {
    fail(ErrorKind::invalid_argument, class_name_,
         ": rate multiplier: expected a number of at least 0, received ", multiplier);
  }
  for (const VariablePtr& weight : weights) multipliers_[weight.get()] = multiplier;
}

/// Adds the gradients up. False where the weights are not to change yet; else gradients are the means.
bool Optimizer::accumulate(std::vector<plan::Gradient>& gradients) {
  const std::int64_t every = options_.gradient_accumulation_steps;
  const bool last = (steps_ + 1) % every == 0;
  const float divisor = last ? static_cast<float>(every) : 1.0F;
  for (plan::Gradient& gradient : gradients) {
    Tensor& sum = state_of(gradient.variable).accumulated;
    float* out = sum.data<float>().data();
    const float* g = gradient.value.data<float>().data();
    training::for_elements(static_cast<std::size_t>(sum.count()),
                           [=](std::size_t i) { out[i] = (g[i] + out[i]) / divisor; });
    gradient.value = sum;
  }
  return last;
}

void Optimizer::clip(const std::vector<plan::Gradient>& gradients) const {
  double total = 0;  // of squares, over all gradients
  if (options_.global_clipnorm) {
    for (const plan::Gradient& gradient : gradients) total += training::sum_of_squares(gradient.value);
  }
  for (const plan::Gradient& gradient : gradients) {
    Tensor value = gradient.value;
    if (options_.clipvalue && *options_.clipvalue > 0) {
      const auto most = static_cast<float>(*options_.clipvalue);
      for (float& x : value.data<float>()) x = std::clamp(x, -most, most);
    }
    double scale = 1;
    if (options_.clipnorm && *options_.clipnorm > 0) {
      scale = *options_.clipnorm /
              std::max(std::sqrt(training::sum_of_squares(gradient.value)), *options_.clipnorm);
    } else if (options_.global_clipnorm && *options_.global_clipnorm > 0) {
      scale = *options_.global_clipnorm * std::min(1 / std::sqrt(total), 1 / *options_.global_clipnorm);
    }
    if (scale == 1) continue;
    const auto factor = static_cast<float>(scale);
    for (float& x : value.data<float>()) x *= factor;
  }
}

void Optimizer::apply(const std::vector<plan::Gradient>& given) {
  if (given.empty()) return;
  std::vector<plan::Gradient> gradients = given;
  for (const plan::Gradient& gradient : gradients) state_of(gradient.variable);
  const bool accumulates = options_.gradient_accumulation_steps > 1;
  if (!accumulates || accumulate(gradients)) {
    clip(gradients);
    Step step{.number = iterations() + 1};
    const double rate = learning_rate();
    const auto decay = static_cast<float>(options_.weight_decay.value_or(0));
    begin_step(step.number);
    for (const plan::Gradient& gradient : gradients) {
      State& state = state_of(gradient.variable);
      const auto multiplier = multipliers_.find(state.weight.get());
      step.learning_rate =
          static_cast<float>(multiplier == multipliers_.end() ? rate : rate * multiplier->second);
      step.count = static_cast<std::size_t>(gradient.value.count());
      step.weight = state.weight->mutable_value().data<float>().data();
      step.gradient = gradient.value.data<float>().data();
      step.slots.clear();
      for (Tensor& slot : state.slots) step.slots.push_back(slot.data<float>().data());
      if (options_.weight_decay && state.decays) {
        training::for_elements(step.count, [w = step.weight, decay, rate = step.learning_rate](
                                               std::size_t i) { w[i] -= w[i] * decay * rate; });
      }
      update(step);
    }
    if (accumulates) {
      for (State& state : states_) std::ranges::fill(state.accumulated.data<float>(), 0.0F);
    }
  }
  if (options_.use_ema) update_averages();
  ++steps_;
}

void Optimizer::update_averages() {
  const auto momentum = iterations() == 0 ? 0.0F : static_cast<float>(options_.ema_momentum);
  for (State& state : states_) {
    float* average = state.average.data<float>().data();
    const float* w = state.weight->value().data<float>().data();
    training::for_elements(static_cast<std::size_t>(state.average.count()), [=](std::size_t i) {
      average[i] = momentum * average[i] + (1.0F - momentum) * w[i];
    });
  }
  const std::int64_t every = options_.ema_overwrite_frequency.value_or(0);
  if (every > 0 && (iterations() + 1) % every == 0) overwrite_with_averages();
}

void Optimizer::overwrite_with_averages() {
  for (const State& state : states_) state.weight->assign(state.average);
}

void Optimizer::finalize() {
  if (options_.use_ema && steps_ > 0) overwrite_with_averages();  // averages of nothing are zero
}

}  // namespace graft
