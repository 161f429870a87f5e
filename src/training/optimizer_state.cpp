// SPDX-License-Identifier: Apache-2.0
#include "training/optimizer_state.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

#include "graft/base/fail.hpp"
#include "graft/extend/layer.hpp"

#include "training/elements.hpp"

namespace graft {
namespace {

/// "block1/conv/kernel" and "momentum" to "block1_conv_kernel_momentum", as Keras names state.
std::string state_name(const Variable& weight, const std::string& slot) {
  std::string name = weight.path() + "_" + slot;
  std::ranges::replace(name, '/', '_');
  return name;
}

}  // namespace

Optimizer::State::State(std::string name_of_class, LearningRate rate, OptimizerOptions given)
    : class_name(std::move(name_of_class)), learning_rate(std::move(rate)), options(std::move(given)) {
  const OptimizerOptions& o = options;
  if (o.gradient_accumulation_steps < 1) {
    fail(ErrorKind::invalid_argument, class_name,
         ": gradient_accumulation_steps: expected at least 1, received ", o.gradient_accumulation_steps);
  }
  if (o.use_ema && !(o.ema_momentum >= 0 && o.ema_momentum <= 1)) {
    fail(ErrorKind::invalid_argument, class_name, ": ema_momentum: expected 0 to 1, received ",
         o.ema_momentum);
  }
  if (o.ema_overwrite_frequency && *o.ema_overwrite_frequency < 1) {
    fail(ErrorKind::invalid_argument, class_name, ": ema_overwrite_frequency: expected at least 1, received ",
         *o.ema_overwrite_frequency);
  }
  if (int{o.clipnorm.has_value()} + int{o.clipvalue.has_value()} + int{o.global_clipnorm.has_value()} > 1) {
    fail(ErrorKind::invalid_argument, class_name,
         ": expected at most one of clipnorm, clipvalue and global_clipnorm");
  }
  if (options.name.empty()) options.name = layers::to_snake_case(class_name);
}

Optimizer::State::OfWeight& Optimizer::State::of(const VariablePtr& weight, const Optimizer& owner) {
  const auto [at, is_new] = index.try_emplace(weight.get(), weights.size());
  if (!is_new) return weights[at->second];
  OfWeight& state = weights.emplace_back();
  state.weight = weight;
  if (options.use_ema) state.average = Tensor(weight->shape());
  if (options.gradient_accumulation_steps > 1) state.accumulated = Tensor(weight->shape());
  for (const Slot& slot : owner.slots()) state.slots.push_back(Tensor::full(weight->shape(), slot.initial));
  state.decays = std::ranges::find(excluded, weight) == excluded.end();
  for (const std::string& name : excluded_names) {
    if (std::regex_search(weight->name(), std::regex(name))) state.decays = false;
  }
  return state;
}

float Optimizer::State::rate_of(const VariablePtr& weight, double rate) const {
  const auto multiplier = multipliers.find(weight.get());
  return static_cast<float>(multiplier == multipliers.end() ? rate : rate * multiplier->second);
}

bool Optimizer::State::accumulate(std::vector<plan::Gradient>& gradients) {
  const std::int64_t every = options.gradient_accumulation_steps;
  const bool last = (steps + 1) % every == 0;
  const float divisor = last ? static_cast<float>(every) : 1.0F;
  for (plan::Gradient& gradient : gradients) {
    Tensor& sum = weights[index.at(gradient.variable.get())].accumulated;
    float* out = sum.data<float>().data();
    const float* g = gradient.value.data<float>().data();
    training::for_elements(static_cast<std::size_t>(sum.count()),
                           [=](std::size_t i) { out[i] = (g[i] + out[i]) / divisor; });
    gradient.value = sum;
  }
  return last;
}

void Optimizer::State::clip(const std::vector<plan::Gradient>& gradients) const {
  double total = 0;  // of squares, over all gradients
  if (options.global_clipnorm) {
    for (const plan::Gradient& gradient : gradients) total += training::sum_of_squares(gradient.value);
  }
  for (const plan::Gradient& gradient : gradients) {
    Tensor value = gradient.value;
    if (options.clipvalue && *options.clipvalue > 0) {
      const auto most = static_cast<float>(*options.clipvalue);
      for (float& x : value.data<float>()) x = std::clamp(x, -most, most);
    }
    double scale = 1;
    if (options.clipnorm && *options.clipnorm > 0) {
      scale = *options.clipnorm /
              std::max(std::sqrt(training::sum_of_squares(gradient.value)), *options.clipnorm);
    } else if (options.global_clipnorm && *options.global_clipnorm > 0) {
      scale = *options.global_clipnorm * std::min(1 / std::sqrt(total), 1 / *options.global_clipnorm);
    }
    if (scale == 1) continue;
    const auto factor = static_cast<float>(scale);
    for (float& x : value.data<float>()) x *= factor;
  }
}

void Optimizer::State::update_averages() {
  const auto momentum = iterations() == 0 ? 0.0F : static_cast<float>(options.ema_momentum);
  for (OfWeight& state : weights) {
    float* average = state.average.data<float>().data();
    const float* w = state.weight->value().data<float>().data();
    training::for_elements(static_cast<std::size_t>(state.average.count()), [=](std::size_t i) {
      average[i] = momentum * average[i] + (1.0F - momentum) * w[i];
    });
  }
  const std::int64_t every = options.ema_overwrite_frequency.value_or(0);
  if (every > 0 && (iterations() + 1) % every == 0) overwrite_with_averages();
}

void Optimizer::State::overwrite_with_averages() {
  for (const OfWeight& state : weights) state.weight->assign(state.average);
}

std::vector<OptimizerVariable> Optimizer::State::variables(const std::vector<Slot>& all) const {
  std::vector<OptimizerVariable> result;
  const auto add = [&](const OfWeight& state, const std::string& name, const Tensor& value) {
    result.push_back({state_name(*state.weight, name), value});
  };
  for (const OfWeight& state : weights) {
    if (options.use_ema) add(state, "average", state.average);
  }
  for (const OfWeight& state : weights) {
    if (options.gradient_accumulation_steps > 1) add(state, "gradient_accumulator", state.accumulated);
  }
  int groups = 0;
  for (const Slot& slot : all) groups = std::max(groups, slot.group + 1);
  for (int group = 0; group < groups; ++group) {
    for (const OfWeight& state : weights) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].group == group) add(state, all[i].name, state.slots[i]);
      }
    }
  }
  return result;
}

}  // namespace graft
