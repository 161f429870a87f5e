// SPDX-License-Identifier: Apache-2.0
// An optimizer's config and state in Keras's form and order.
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/optimizer.hpp"

#include "training/elements.hpp"
#include "training/settings.hpp"

namespace graft {
namespace {

/// "block1/conv/kernel" and "momentum" to "block1_conv_kernel_momentum", as Keras names state.
std::string state_name(const Variable& weight, const std::string& slot) {
  std::string name = weight.path() + "_" + slot;
  std::ranges::replace(name, '/', '_');
  return name;
}

}  // namespace

Json Optimizer::config() const {
  const OptimizerOptions& o = options_;
  const std::int64_t steps = o.gradient_accumulation_steps;
  Json config{{"name", o.name},
              {"learning_rate", learning_rate_.config()},
              {"weight_decay", training::or_null(o.weight_decay)},
              {"clipnorm", training::or_null(o.clipnorm)},
              {"global_clipnorm", training::or_null(o.global_clipnorm)},
              {"clipvalue", training::or_null(o.clipvalue)},
              {"use_ema", o.use_ema},
              {"ema_momentum", o.ema_momentum},
              {"ema_overwrite_frequency", training::or_null(o.ema_overwrite_frequency)},
              {"loss_scale_factor", training::or_null(o.loss_scale_factor)},
              {"gradient_accumulation_steps", steps > 1 ? Json(steps) : Json(nullptr)}};
  config.update(own_config());
  return training::write_serialised("keras.optimizers", class_name_, std::move(config));
}

/// Handles on the live tensors, in Keras's order.
std::vector<OptimizerVariable> Optimizer::weight_variables() const {
  std::vector<OptimizerVariable> result;
  const auto add = [&](const State& state, const std::string& name, const Tensor& value) {
    result.push_back({state_name(*state.weight, name), value});
  };
  for (const State& state : states_) {
    if (options_.use_ema) add(state, "average", state.average);
  }
  for (const State& state : states_) {
    if (options_.gradient_accumulation_steps > 1) add(state, "gradient_accumulator", state.accumulated);
  }
  const std::vector<Slot> all = slots();
  int groups = 0;
  for (const Slot& slot : all) groups = std::max(groups, slot.group + 1);
  for (int group = 0; group < groups; ++group) {
    for (const State& state : states_) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].group == group) add(state, all[i].name, state.slots[i]);
      }
    }
  }
  for (OptimizerVariable& own : own_variables()) result.push_back(std::move(own));
  return result;
}

std::vector<OptimizerVariable> Optimizer::variables() const {
  Tensor iteration(Shape{}, DType::int64);
  iteration.data<std::int64_t>()[0] = steps_;
  std::vector<OptimizerVariable> result{{"iteration", iteration}};
  if (!learning_rate_.is_schedule()) {
    result.push_back({"learning_rate", Tensor::full(Shape{}, static_cast<float>(learning_rate()))});
  }
  for (const OptimizerVariable& live : weight_variables()) result.push_back({live.name, live.value.clone()});
  return result;
}

void Optimizer::set_variables(const std::vector<Tensor>& values) {
  const std::vector<OptimizerVariable> now = variables();
  if (values.size() != now.size()) {
    fail(ErrorKind::shape_mismatch, "optimizer ", class_name_, ": expected ", now.size(),
         " state variables for its ", states_.size(), " weights, received ", values.size());
  }
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (values[i].count() != now[i].value.count()) {
      fail(ErrorKind::shape_mismatch, "optimizer ", class_name_, ": state variable ", i, " '", now[i].name,
           "': expected shape ", now[i].value.shape(), ", received ", values[i].shape());
    }
  }
  steps_ = values[0].to(DType::int64).data<std::int64_t>()[0];
  std::size_t next = 1;
  if (!learning_rate_.is_schedule()) learning_rate_ = values[next++].to(DType::float32).data<float>()[0];
  for (OptimizerVariable& live : weight_variables()) {
    live.value.copy_from(values[next++].to(DType::float32).reshape(live.value.shape()));
  }
}

namespace training {

double sum_of_squares(const Tensor& tensor) {
  const auto values = tensor.data<float>();
  const std::size_t blocks = (values.size() + kGrain - 1) / kGrain;
  std::vector<double> sums(blocks);
  parallel_for(blocks, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t block = begin; block < end; ++block) {
      double sum = 0;
      for (const float x : values.subspan(block * kGrain, std::min(kGrain, values.size() - block * kGrain)))
        sum += static_cast<double>(x) * x;
      sums[block] = sum;
    }
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace training
}  // namespace graft
