// SPDX-License-Identifier: Apache-2.0
// Regularizers, constraints and L2-SP: alone, from Keras's configs, and in fit() and evaluate().
#include <cmath>

#include <gtest/gtest.h>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers.hpp"
#include "graft/layers/registry.hpp"
#include "graft/saving.hpp"
#include "graft/training.hpp"

#include "small_trainee.hpp"

namespace graft {
namespace {

using layers::set_rule;

/// The golden script's numbers: -1 to 1.
Tensor numbers(const std::string& key, const Shape& shape) {
  Tensor tensor(shape);
  const std::vector<double> u = test::u01(key, static_cast<std::size_t>(shape.count()));
  auto out = tensor.data<float>();
  for (std::size_t i = 0; i < u.size(); ++i) out[i] = static_cast<float>(u[i] * 2 - 1);
  return tensor;
}

Tensor numbers_of(const Json& golden) {
  return numbers(golden.at("weight"), Shape(golden.at("shape").get<std::vector<std::int64_t>>()));
}

void expect_near(const Tensor& tensor, const Json& wanted, double tolerance, const std::string& what) {
  const auto values = tensor.data<float>();
  ASSERT_EQ(values.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto expected = wanted[i].get<double>();
    EXPECT_NEAR(values[i], expected, tolerance * std::max(1.0, std::abs(expected)))
        << what << " [" << i << "]";
  }
}

Json goldens() { return test::read_json(test::goldens() / "weight_rules.json"); }

TEST(Regularizers, PenaltyAndGradientAreKerass) {
  for (const Json& golden : goldens().at("regularizers")) {
    const std::string rule = golden.at("rule");
    const layers::Regularizer regularizer(rule);
    const Tensor weight = numbers_of(golden);
    EXPECT_NEAR(regularizer.penalty(weight), golden.at("penalty"), 1e-5 * golden.at("penalty").get<double>())
        << rule;
    Tensor gradient(weight.shape());
    regularizer.add_gradient(weight, gradient);
    expect_near(gradient, golden.at("gradient"), 1e-6, rule);
  }
}

TEST(Constraints, BringWeightsWhereKerasDoes) {
  for (const Json& golden : goldens().at("constraints")) {
    Tensor weight = numbers_of(golden);
    layers::Constraint(golden.at("rule")).apply(weight);
    expect_near(weight, golden.at("after"), 1e-6, golden.at("rule"));
  }
}

TEST(Rules, AreReadFromAndWrittenToKerassConfig) {
  const Json all = goldens();
  for (const char* kind : {"regularizer", "constraint"}) {
    for (const Json& golden : all.at(cat(kind, "s"))) {
      const std::string option = cat("kernel_", kind);
      const Layer layer = layers::Dense({.units = 3, .name = "d"});
      set_rule(layer, option, golden.at("rule"));
      const Json config = layer.config();
      for (const auto& [key, value] : golden.at("config").at("config").items()) {
        const Json& written = config.at(option).at("config").at(key);
        if (value.is_number()) {
          EXPECT_NEAR(written.get<double>(), value.get<double>(), 1e-7) << golden.at("rule");
        } else {
          EXPECT_EQ(written, value) << golden.at("rule");
        }
      }
      EXPECT_EQ(config.at(option).at("class_name"), golden.at("config").at("class_name"));
      EXPECT_EQ(layers::from_config("Dense", config).config().at("units"), 3);
    }
  }
}

/// Keras's model, from its own config, with the golden script's weights.
Model model_of(const Json& golden) {
  Model model = saving::model_from_config(golden.at("config"));
  for (const VariablePtr& weight : model.weights()) {
    Tensor value = numbers(weight->path(), weight->shape());
    const bool around_one = weight->name() == "gamma" || weight->name() == "moving_variance";
    for (float& x : value.data<float>()) x = x * 0.5F + (around_one ? 1.0F : 0.0F);
    weight->assign(value);
  }
  for (const Json& name : golden.at("frozen")) model.get_layer(name.get<std::string>()).set_trainable(false);
  return model;
}

TEST(Rules, FitAndEvaluateAsInKeras) {
  const Tensor images = numbers("images", {20, 8, 8, 3});
  Tensor labels({20}, DType::int32);
  const std::vector<double> u = test::u01("labels", 20);
  for (std::size_t i = 0; i < u.size(); ++i)
    labels.data<std::int32_t>()[i] = static_cast<std::int32_t>(u[i] * 3);
  const auto all = data::Dataset::from_tensors(images, labels, {.batch_size = 8});
  const auto half = data::Dataset::from_tensors(images.slice(0, 10), labels.slice(0, 10), {.batch_size = 8});
  for (const Json& golden : goldens().at("fits")) {
    const std::string name = golden.at("name");
    Model model = model_of(golden);
    model.compile({.optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9}),
                   .loss = SparseCategoricalCrossentropy({.from_logits = name != "activity_of_softmax"})});
    const History history =
        model.fit(all, {.epochs = 3, .validation_data = half, .validation_batch_size = 4});
    for (std::size_t epoch = 0; epoch < 3; ++epoch) {
      for (const char* key : {"loss", "val_loss"}) {
        const auto wanted = golden.at(key)[epoch].get<double>();
        EXPECT_NEAR(history[key][epoch], wanted, 1e-4 * wanted) << name << " " << key << " " << epoch;
      }
    }
    const auto wanted = golden.at("evaluate").get<double>();
    EXPECT_NEAR(model.evaluate(all).loss, wanted, 1e-4 * wanted) << name;
    for (const VariablePtr& weight : model.weights())
      expect_near(weight->value(), golden.at("weights").at(weight->path()), 1e-4,
                  cat(name, " ", weight->path()));
  }
}

TEST(Rules, WhatAConfigLeavesOutOfL1L2IsNothing) {
  Json config = layers::Dense({.units = 3, .name = "d"}).config();
  config["kernel_regularizer"] = Json::parse(R"({"class_name": "L1L2", "config": {"l2": 0.25}})");
  const Json read = layers::from_config("Dense", config).config().at("kernel_regularizer").at("config");
  EXPECT_EQ(read.at("l1"), 0.0);
  EXPECT_EQ(read.at("l2"), 0.25);
}

TEST(Rules, ThoseThatAreNotKnownAreRefusedByName) {
  const Layer layer = layers::Dense({.units = 3, .name = "d"});
  EXPECT_THROW(set_rule(layer, "kernel_regularizer", "l3"), Error);
  EXPECT_THROW(set_rule(layer, "kernel_regularizer", "l2(-1)"), Error);
  EXPECT_THROW(set_rule(layer, "kernel_regularizer", "l2(0.1,0.2)"), Error);
  EXPECT_THROW(set_rule(layer, "gamma_regularizer", "l2"), Error);
  EXPECT_THROW(set_rule(layer, "kernel_constraint", "max_norm(2,axis=x)"), Error);
  EXPECT_THROW((void)layers::Dense({.units = 3, .kernel_regularizer = "ridge"}), Error);
  const layers::Constraint outside("unit_norm(axis=3)");
  Tensor matrix({2, 2});
  EXPECT_THROW(outside.apply(matrix), Error);
}

TEST(Rules, AClassOfSomebodysOwnIsKeptAndTrainingSaysSo) {
  const Json own{
      {"module", "my"}, {"class_name", "Mine"}, {"config", Json::object()}, {"registered_name", "Mine"}};
  Json config = layers::Dense({.units = 3, .name = "own"}).config();
  config["kernel_regularizer"] = own;
  const Layer layer = layers::from_config("Dense", config);
  EXPECT_EQ(layer.config().at("kernel_regularizer"), own);
  const SymbolicTensor input = Input({4}, "input");
  Model model(input, layer(input));
  model.compile({.optimizer = SGD(), .loss = MeanSquaredError()});
  try {
    (void)model.train_on_batch(Tensor({2, 4}), Tensor({2, 3}));
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("own"), std::string::npos) << error.what();
  }
}

TEST(L2SP, PullsToWhereTheWeightsBegan) {
  Model model = test::small_trainee();
  const std::vector<VariablePtr> base = model.get_layer("conv").weights();
  const std::vector<VariablePtr> head = model.get_layer("head").weights();
  const Tensor start = base.front()->value().clone();
  model.compile({.optimizer = SGD({.learning_rate = 0.5}),
                 .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                 .l2_sp = {.weights = base, .alpha = 0.3, .beta = 0.2}});
  Tensor labels({4}, DType::int32);
  const Tensor images = numbers("images", {4, 8, 8, 3});
  const auto samples = data::Dataset::from_tensors(images, labels, {.batch_size = 4});
  const double plain_head = [&] {
    double squares = 0;
    for (const VariablePtr& weight : model.weights()) {
      if (weight->path().starts_with("conv") || !weight->can_train()) continue;
      for (const float x : weight->value().data<float>()) squares += static_cast<double>(x) * x;
    }
    return squares;
  }();
  // The weights are where they began: only beta's part is there.
  const double with = model.evaluate(samples).loss;
  Model twin = model;
  twin.compile({.optimizer = SGD(), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  EXPECT_NEAR(with - twin.evaluate(samples).loss, 0.1 * plain_head, 1e-5);
  // Moved by d everywhere, alpha's part is alpha / 2 n d², and its gradient alpha d.
  model.compile({.optimizer = SGD({.learning_rate = 1.0}),
                 .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                 .l2_sp = {.weights = base, .alpha = 0.3}});
  for (float& x : base.front()->mutable_value().data<float>()) x += 0.25F;
  const Tensor moved = base.front()->value().clone();
  const double tied = model.train_on_batch(images, labels);
  const Tensor after = base.front()->value().clone();
  base.front()->assign(moved);
  Model fresh = test::small_trainee();
  fresh.get_layer("conv").weights().front()->assign(moved);
  fresh.compile({.optimizer = SGD({.learning_rate = 1.0}),
                 .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  const double untied = fresh.train_on_batch(images, labels);
  EXPECT_NEAR(tied - untied, 0.15 * 0.0625 * static_cast<double>(start.count()), 1e-4);
  const Tensor& other = fresh.get_layer("conv").weights().front()->value();
  for (std::int64_t i = 0; i < after.count(); ++i)
    EXPECT_NEAR(other.data<float>()[i] - after.data<float>()[i], 0.3 * 0.25, 1e-5);
}

}  // namespace
}  // namespace graft
