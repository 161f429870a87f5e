// SPDX-License-Identifier: Apache-2.0
#include "graft/extend/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <regex>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "training/elements.hpp"
#include "training/optimizer_state.hpp"
#include "training/optimizers/fields.hpp"
#include "training/registry.hpp"

namespace graft {

Optimizer::Optimizer(std::string class_name, LearningRate learning_rate, OptimizerOptions options)
    : state_(std::make_unique<State>(std::move(class_name), std::move(learning_rate), std::move(options))) {}
Optimizer::~Optimizer() = default;

const std::string& Optimizer::name() const { return state_->options.name; }
const std::string& Optimizer::class_name() const { return state_->class_name; }
double Optimizer::learning_rate() const { return state_->learning_rate.at(state_->steps); }
bool Optimizer::has_schedule() const { return state_->learning_rate.is_schedule(); }
void Optimizer::set_learning_rate(LearningRate rate) { state_->learning_rate = std::move(rate); }
std::int64_t Optimizer::iterations() const { return state_->iterations(); }
const OptimizerOptions& Optimizer::options() const { return state_->options; }
Json Optimizer::own_config() const { return Json::object(); }

void Optimizer::build(const std::vector<VariablePtr>& weights) {
  for (const VariablePtr& weight : weights) state_->of(weight, *this);
}

void Optimizer::exclude_from_weight_decay(const std::vector<VariablePtr>& weights,
                                          const std::vector<std::string>& names) {
  if (!state_->weights.empty()) {
    fail(ErrorKind::invalid_argument, state_->class_name,
         ": exclude_from_weight_decay: expected before the first step");
  }
  for (const std::string& name : names) {
    try {
      static_cast<void>(std::regex(name));
    } catch (const std::regex_error&) {
      fail(ErrorKind::invalid_argument, state_->class_name, ": exclude_from_weight_decay: '", name,
           "' is not a regular expression");
    }
  }
  state_->excluded = weights;
  state_->excluded_names = names;
}

void Optimizer::set_rate_multiplier(const std::vector<VariablePtr>& weights, double multiplier) {
  if (!(multiplier >= 0) || !std::isfinite(multiplier)) {
    fail(ErrorKind::invalid_argument, state_->class_name,
         ": rate multiplier: expected a number of at least 0, received ", multiplier);
  }
  for (const VariablePtr& weight : weights) state_->multipliers[weight.get()] = multiplier;
}

void Optimizer::apply(const std::vector<plan::Gradient>& given) {
  if (given.empty()) return;
  State& state = *state_;
  std::vector<plan::Gradient> gradients = given;
  for (const plan::Gradient& gradient : gradients) state.of(gradient.variable, *this);
  const bool accumulates = state.options.gradient_accumulation_steps > 1;
  if (!accumulates || state.accumulate(gradients)) {
    state.clip(gradients);
    Step step{.number = iterations() + 1};
    const double rate = learning_rate();
    const auto decay = static_cast<float>(state.options.weight_decay.value_or(0));
    begin_step(step.number);
    for (const plan::Gradient& gradient : gradients) {
      State::OfWeight& one = state.of(gradient.variable, *this);
      step.learning_rate = state.rate_of(one.weight, rate);
      step.count = static_cast<std::size_t>(gradient.value.count());
      step.weight = one.weight->mutable_value().data<float>().data();
      step.gradient = gradient.value.data<float>().data();
      step.slots.clear();
      for (Tensor& slot : one.slots) step.slots.push_back(slot.data<float>().data());
      if (state.options.weight_decay && one.decays) {
        training::for_elements(step.count, [w = step.weight, decay, rate = step.learning_rate](
                                               std::size_t i) { w[i] -= w[i] * decay * rate; });
      }
      update(step);
    }
    if (accumulates) {
      for (State::OfWeight& one : state.weights) std::ranges::fill(one.accumulated.data<float>(), 0.0F);
    }
  }
  if (state.options.use_ema) state.update_averages();
  ++state.steps;
}

void Optimizer::finalize() {
  // Averages over no step are zero.
  if (state_->options.use_ema && state_->steps > 0) state_->overwrite_with_averages();
}

Json Optimizer::config() const {
  Json config{{"name", name()}, {"learning_rate", state_->learning_rate.config()}};
  config.update(write_options(training::kSharedFields, options()));
  config.update(own_config());
  if (!training::is_builtin_optimizer(state_->class_name))
    return training::write_registered_optimizer(state_->class_name, std::move(config));
  return training::write_serialised("keras.optimizers", state_->class_name, std::move(config));
}

std::vector<OptimizerVariable> Optimizer::live_variables() const {
  std::vector<OptimizerVariable> live = state_->variables(slots());
  for (OptimizerVariable& own : own_variables()) live.push_back(std::move(own));
  return live;
}

std::vector<OptimizerVariable> Optimizer::variables() const {
  Tensor iteration(Shape{}, DType::int64);
  iteration.data<std::int64_t>()[0] = state_->steps;
  std::vector<OptimizerVariable> result{{"iteration", iteration}};
  if (!state_->learning_rate.is_schedule()) {
    result.push_back({"learning_rate", Tensor::full(Shape{}, static_cast<float>(learning_rate()))});
  }
  for (const OptimizerVariable& live : live_variables()) result.push_back({live.name, live.value.clone()});
  return result;
}

void Optimizer::set_variables(const std::vector<Tensor>& values) {
  const std::vector<OptimizerVariable> now = variables();
  if (values.size() != now.size()) {
    fail(ErrorKind::shape_mismatch, "optimizer ", state_->class_name, ": expected ", now.size(),
         " state variables for its ", state_->weights.size(), " weights, received ", values.size());
  }
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (values[i].count() != now[i].value.count()) {
      fail(ErrorKind::shape_mismatch, "optimizer ", state_->class_name, ": state variable ", i, " '",
           now[i].name, "': expected shape ", now[i].value.shape(), ", received ", values[i].shape());
    }
  }
  state_->steps = values[0].to(DType::int64).data<std::int64_t>()[0];
  std::size_t next = 1;
  if (!state_->learning_rate.is_schedule())
    state_->learning_rate = values[next++].to(DType::float32).data<float>()[0];
  for (OptimizerVariable& live : live_variables()) {
    live.value.copy_from(values[next++].to(DType::float32).reshape(live.value.shape()));
  }
}

}  // namespace graft
