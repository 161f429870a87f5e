// SPDX-License-Identifier: Apache-2.0
// State, config and what all optimizers share. Their arithmetic is compared with Keras in tests/golden.
#include "graft/training/optimizers.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/training/configs.hpp"

namespace graft {
namespace {

VariablePtr make_weight(const std::string& layer, const std::string& name, float value) {
  auto weight = std::make_shared<Variable>(name, Shape{2});
  weight->set_path(layer + "/" + name);
  weight->assign(Tensor::full({2}, value));
  return weight;
}

std::vector<plan::Gradient> gradients(const std::vector<VariablePtr>& weights, float value) {
  std::vector<plan::Gradient> result;
  for (const VariablePtr& weight : weights) result.push_back({weight, Tensor::full({2}, value)});
  return result;
}

float first(const VariablePtr& weight) { return weight->value().data<float>()[0]; }

std::vector<std::string> names_of(const Optimizer& optimizer) {
  std::vector<std::string> names;
  for (const OptimizerVariable& variable : optimizer.variables()) names.push_back(variable.name);
  return names;
}

/// Every optimizer, with all state that it can have.
std::vector<OptimizerPtr> all_optimizers() {
  const OptimizerOptions shared{.weight_decay = 0.01, .clipnorm = 0.5, .use_ema = true, .ema_momentum = 0.9};
  return {SGD({.momentum = 0.9, .nesterov = true, .shared = shared}),
          Adam({.amsgrad = true, .shared = shared}),
          AdamW({.shared = shared}),
          Nadam({.shared = shared}),
          Adamax({.shared = shared}),
          RMSprop({.momentum = 0.9, .centered = true, .shared = shared}),
          Adagrad({.shared = shared}),
          Adadelta({.shared = shared}),
          Ftrl({.l1_regularization_strength = 0.001, .beta = 0.1, .shared = shared}),
          Lion({.shared = shared})};
}

// As printed by keras.Optimizer.variables of Keras 3.15.1.
TEST(Optimizers, StateIsInKerassOrder) {
  const std::vector<VariablePtr> weights{make_weight("m/d", "kernel", 1), make_weight("m/d", "bias", 1)};
  const OptimizerPtr adam =
      Adam({.amsgrad = true, .shared = {.use_ema = true, .gradient_accumulation_steps = 2}});
  adam->build(weights);
  EXPECT_EQ(names_of(*adam), (std::vector<std::string>{
                                 "iteration", "learning_rate", "m_d_kernel_average", "m_d_bias_average",
                                 "m_d_kernel_gradient_accumulator", "m_d_bias_gradient_accumulator",
                                 "m_d_kernel_momentum", "m_d_kernel_velocity", "m_d_bias_momentum",
                                 "m_d_bias_velocity", "m_d_kernel_velocity_hat", "m_d_bias_velocity_hat"}));
  const OptimizerPtr rms = RMSprop({.momentum = 0.9, .centered = true});
  rms->build(weights);
  EXPECT_EQ(names_of(*rms),
            (std::vector<std::string>{"iteration", "learning_rate", "m_d_kernel_velocity",
                                      "m_d_bias_velocity", "m_d_kernel_momentum", "m_d_bias_momentum",
                                      "m_d_kernel_average_gradient", "m_d_bias_average_gradient"}));
  const OptimizerPtr nadam = Nadam({.learning_rate = CosineDecay({})});
  nadam->build({weights[0]});
  EXPECT_EQ(names_of(*nadam), (std::vector<std::string>{"iteration", "m_d_kernel_momentum",
                                                        "m_d_kernel_velocity", "variable"}));
}

TEST(Optimizers, GoOnFromConfigAndStateBitByBit) {
  for (const OptimizerPtr& one : all_optimizers()) {
    SCOPED_TRACE(one->class_name());
    const std::vector<VariablePtr> weights{make_weight("d", "kernel", 1), make_weight("d", "bias", -1)};
    for (const float g : {0.5F, -2.0F, 0.1F}) one->apply(gradients(weights, g));
    const OptimizerPtr other = optimizer_from_config(one->config());
    EXPECT_EQ(other->config(), one->config());
    const std::vector<VariablePtr> copies{make_weight("d", "kernel", 0), make_weight("d", "bias", 0)};
    for (std::size_t i = 0; i < 2; ++i) copies[i]->assign(weights[i]->value());
    other->build(copies);
    std::vector<Tensor> state;
    for (const OptimizerVariable& variable : one->variables()) state.push_back(variable.value);
    other->set_variables(state);
    for (const float g : {0.3F, -0.7F}) {
      one->apply(gradients(weights, g));
      other->apply(gradients(copies, g));
      EXPECT_EQ(first(weights[0]), first(copies[0]));
      EXPECT_EQ(first(weights[1]), first(copies[1]));
    }
    one->finalize();
    EXPECT_NE(first(weights[0]), first(copies[0])) << "finalize() assigns the moving average";
    state.pop_back();
    EXPECT_THROW(other->set_variables(state), Error);
  }
}

TEST(Optimizers, ClipAsAskedFor) {
  const std::vector<VariablePtr> weights{make_weight("d", "kernel", 0), make_weight("d", "bias", 0)};
  const auto moved = [&](const OptimizerOptions& shared) {
    for (const VariablePtr& weight : weights) weight->assign(Tensor::full({2}, 0));
    SGD({.learning_rate = 1, .shared = shared})->apply(gradients(weights, 3));
    return -first(weights[0]);
  };
  EXPECT_FLOAT_EQ(moved({}), 3);
  EXPECT_FLOAT_EQ(moved({.clipvalue = 2}), 2);
  EXPECT_FLOAT_EQ(moved({.clipnorm = 1}), 1 / std::sqrt(2.0F));
  EXPECT_FLOAT_EQ(moved({.global_clipnorm = 1}), 0.5F);
  EXPECT_FLOAT_EQ(moved({.global_clipnorm = 100}), 3);
  EXPECT_THROW((void)moved({.clipnorm = 1, .clipvalue = 1}), Error);
}

TEST(Optimizers, WeightDecayLeavesOutWhatIsExcluded) {
  const std::vector<VariablePtr> weights{make_weight("d", "kernel", 1), make_weight("d", "bias", 1)};
  const OptimizerPtr sgd = SGD({.learning_rate = 0.5, .shared = {.weight_decay = 0.1}});
  sgd->exclude_from_weight_decay({}, {"bias"});
  sgd->apply(gradients(weights, 0));
  EXPECT_FLOAT_EQ(first(weights[0]), 0.95F);
  EXPECT_FLOAT_EQ(first(weights[1]), 1);
  EXPECT_THROW(sgd->exclude_from_weight_decay({weights[0]}), Error);
}

TEST(Optimizers, AveragesOverwriteWeightsAsOftenAsAsked) {
  const std::vector<VariablePtr> weights{make_weight("d", "kernel", 1)};
  const OptimizerPtr sgd = SGD(
      {.learning_rate = 1, .shared = {.use_ema = true, .ema_momentum = 0.5, .ema_overwrite_frequency = 2}});
  sgd->apply(gradients(weights, 1));
  EXPECT_FLOAT_EQ(first(weights[0]), 0);
  sgd->apply(gradients(weights, 1));
  EXPECT_FLOAT_EQ(first(weights[0]), -0.5F);  // the mean of 0 and -1
}

TEST(Optimizers, NamesAndNonsense) {
  EXPECT_EQ(optimizer_from_config("rmsprop")->class_name(), "RMSprop");
  EXPECT_EQ(optimizer_from_config("RMSprop")->name(), "rm_sprop");
  EXPECT_EQ(AdamW()->config().at("config").at("weight_decay"), 0.004);
  EXPECT_EQ(Adam()->config().at("config").at("learning_rate"), 0.0010000000474974513);
  EXPECT_THROW((void)optimizer_from_config("muon"), Error);
  EXPECT_THROW((void)optimizer_from_config({{"class_name", "Adam"}, {"config", {{"beta_1", "x"}}}}), Error);
  EXPECT_THROW((void)SGD({.shared = {.gradient_accumulation_steps = 0}}), Error);
}

}  // namespace
}  // namespace graft
