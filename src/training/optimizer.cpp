// SPDX-License-Identifier: Apache-2.0
#include "graft/training/optimizer.hpp"

#include <algorithm>

#include "graft/base/error.hpp"

namespace graft {

Optimizer::Optimizer(std::string name, LearningRate learning_rate, std::int64_t gradient_accumulation_steps)
    : name_(std::move(name)),
      learning_rate_(std::move(learning_rate)),
      accumulation_(gradient_accumulation_steps) {
  if (accumulation_ < 1) {
    fail(ErrorKind::invalid_argument, name_, ": gradient_accumulation_steps: expected at least 1, received ",
         accumulation_);
  }
}

void Optimizer::apply(const std::vector<plan::Gradient>& gradients) {
  const bool update_step = (steps_ + 1) % accumulation_ == 0;
  const double rate = learning_rate_.at(steps_);
  const std::int64_t step = steps_ / accumulation_ + 1;
  for (const plan::Gradient& gradient : gradients) {
    State& state = states_[gradient.variable.get()];
    while (state.slots.size() < slot_count()) state.slots.emplace_back(gradient.variable->shape());
    std::span<const float> g = gradient.value.data<float>();
    if (accumulation_ > 1) {
      if (state.accumulated.raw() == nullptr) state.accumulated = Tensor(gradient.variable->shape());
      std::span<float> sum = state.accumulated.data<float>();
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += g[i];
      if (!update_step) continue;
      for (float& x : sum) x /= static_cast<float>(accumulation_);
      g = sum;
    }
    update(gradient.variable->mutable_value().data<float>(), g, state.slots, rate, step);
    if (accumulation_ > 1) std::ranges::fill(state.accumulated.data<float>(), 0.0F);
  }
  ++steps_;
}

Json Optimizer::config() const {
  std::string lower = name_;
  std::ranges::transform(lower, lower.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
  Json config{{"name", lower}, {"learning_rate", learning_rate_.config()}};
  config.update(own_config());
  if (accumulation_ > 1) config["gradient_accumulation_steps"] = accumulation_;
  return {{"module", "keras.optimizers"},
          {"class_name", name_},
          {"config", config},
          {"registered_name", nullptr}};
}

}  // namespace graft
