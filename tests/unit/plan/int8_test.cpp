// SPDX-License-Identifier: Apache-2.0
// 8-bit plans against float32 on whole models.

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/base/json.hpp"
#include "graft/base/parallel.hpp"
#include "graft/error.hpp"
#include "graft/plan/int8_values.hpp"
#include "graft/plan/runner.hpp"
#include "graft/plan/value_ranges.hpp"

#include "small_models.hpp"

namespace graft::plan {
namespace {

using test::random_tensor;
using RangesPtr = std::shared_ptr<const ValueRanges>;

RangesPtr ranges_on(const Model& model, const Tensor& photos) {
  RangeRecorder recorder(model, photos.shape().without_batch());
  recorder.record(photos);
  return std::make_shared<ValueRanges>(recorder.ranges());
}

/// Convolutions large enough for 8 bits, with everything that is fused into them and the ops between.
Model convolutional_model() {
  const SymbolicTensor input = Input({32, 32, 3}, "image");
  SymbolicTensor x =
      layers::Conv2D({.filters = 32, .kernel_size = 3, .strides = 2, .use_bias = false, .name = "c1"})(input);
  x = layers::BatchNormalization({.name = "bn1"})(x);
  x = layers::ReLU({.name = "relu1"})(x);
  SymbolicTensor y =
      layers::Conv2D({.filters = 32, .kernel_size = 3, .padding = Padding::same, .name = "c2"})(x);
  x = layers::Add("add")(std::vector{x, y});
  x = layers::ReLU({.name = "relu2"})(x);
  x = layers::MaxPooling2D({.pool_size = 2, .name = "pool"})(x);
  SymbolicTensor a = layers::Conv2D({.filters = 48, .kernel_size = 3, .activation = "relu", .name = "c3"})(x);
  SymbolicTensor b =
      layers::Conv2D({.filters = 48, .kernel_size = 3, .activation = "swish", .name = "c4"})(x);
  x = layers::Concatenate({.name = "join"})(std::vector{a, b});
  x = layers::Conv2D({.filters = 64, .kernel_size = 1, .activation = "relu", .name = "c5"})(x);
  x = layers::GlobalAveragePooling2D({.name = "gap"})(x);
  return {input, layers::Dense({.units = 5, .activation = "softmax", .name = "head"})(x)};
}

Tensor output_of(const Model& model, const Tensor& x, const PlanOptions& options) {
  PlanOptions all = options;
  all.batch_size = x.shape()[0];
  all.input_shape = x.shape().without_batch();
  Plan plan = Plan::lower(model, all);
  plan.forward(x);
  return plan.output().clone();
}

TEST(Int8, PredictsAsFloat32UpToRounding) {
  const Model model = convolutional_model();
  test::fill_weights(model);
  const Tensor x = random_tensor({4, 32, 32, 3}, "x");
  const SymbolicTensor features = model.get_layer("gap").output();
  PlanOptions options{.outputs = {features}};
  const Tensor exact = output_of(model, x, options);
  options.execution = {.dtype_policy = DTypePolicy::int8};
  options.ranges = ranges_on(model, x);
  const Tensor low = output_of(model, x, options);
  EXPECT_EQ(low.dtype(), DType::float32);
  const double error = test::relative_distance(low, exact);
  EXPECT_LT(error, 0.03);
  EXPECT_GT(error, 1e-4) << "nothing was rounded";
}

TEST(Int8, CastsOnlyTheInputAndNeedsAQuarterOfTheMemory) {
  const Model model = convolutional_model();
  test::fill_weights(model);
  const Tensor x = random_tensor({1, 32, 32, 3}, "x");
  const Plan low =
      Plan::lower(model, {.execution = {.dtype_policy = DTypePolicy::int8}, .ranges = ranges_on(model, x)});
  const Plan exact = Plan::lower(model, {.execution = {.dtype_policy = DTypePolicy::float32}});
  EXPECT_EQ(test::count_ops(low, "Cast"), 1U) << "the photo";
  EXPECT_EQ(test::count_ops(low, "Convolution"), 5U);
  EXPECT_LT(low.arena_bytes(), exact.arena_bytes() * 2 / 5);
  for (const StepInfo& step : low.steps()) {
    if (step.op == "Convolution" || step.op == "Pool" || step.op == "Concatenate") {
      EXPECT_EQ(step.implementation.find("converting"), std::string::npos) << step.layer;
    }
  }
}

TEST(Int8, EachPhotosResultIsIndependentOfTheBatch) {
  const Model model = convolutional_model();
  test::fill_weights(model);
  const Tensor x = random_tensor({6, 32, 32, 3}, "x");
  const RangesPtr ranges = ranges_on(model, x);
  const Tensor all =
      output_of(model, x, {.execution = {.dtype_policy = DTypePolicy::int8}, .ranges = ranges});
  Runner one_by_one(model,
                    {.batch_size = 1, .execution = {.dtype_policy = DTypePolicy::int8}, .ranges = ranges});
  const Tensor single = one_by_one.run_first(x);
  for (std::size_t i = 0; i < all.data().size(); ++i) ASSERT_NEAR(all.data()[i], single.data()[i], 1e-6);
  const Tensor again =
      output_of(model, x, {.execution = {.dtype_policy = DTypePolicy::int8}, .ranges = ranges});
  for (std::size_t i = 0; i < all.data().size(); ++i) ASSERT_EQ(all.data()[i], again.data()[i]);
}

TEST(Int8, FeaturesHaveTheSameBitsForAnyNumberOfThreads) {
  const Model model = convolutional_model();
  test::fill_weights(model);
  const Tensor x = random_tensor({4, 32, 32, 3}, "x");
  const PlanOptions options{.outputs = {model.get_layer("gap").output()},
                            .execution = {.dtype_policy = DTypePolicy::int8},
                            .ranges = ranges_on(model, x)};
  const int threads = num_threads();
  set_num_threads(1);
  const Tensor one = output_of(model, x, options);
  set_num_threads(3);
  const Tensor three = output_of(model, x, options);
  set_num_threads(threads);
  for (std::size_t i = 0; i < one.data().size(); ++i) ASSERT_EQ(one.data()[i], three.data()[i]);
}

TEST(Int8, ValuesWithoutRangesAndNamedLayersStayFloat32) {
  const Model model = convolutional_model();
  test::fill_weights(model);
  const Tensor x = random_tensor({2, 32, 32, 3}, "x");
  const Tensor exact = output_of(model, x, {});
  const auto none = std::make_shared<ValueRanges>();
  const Tensor same = output_of(model, x, {.execution = {.dtype_policy = DTypePolicy::int8}, .ranges = none});
  EXPECT_EQ(test::relative_distance(same, exact), 0);
  ValueRanges ranges = *ranges_on(model, x);
  ranges.float32_layers = {"c1", "c2", "c3", "c4", "c5"};
  const auto named = std::make_shared<ValueRanges>(ranges);
  EXPECT_EQ(
      test::relative_distance(
          output_of(model, x, {.execution = {.dtype_policy = DTypePolicy::int8}, .ranges = named}), exact),
      0);
}

TEST(Int8, ChangedWeightsAreUsed) {
  const Model model = convolutional_model();
  test::fill_weights(model);
  const Tensor x = random_tensor({1, 32, 32, 3}, "x");
  Plan plan =
      Plan::lower(model, {.execution = {.dtype_policy = DTypePolicy::int8}, .ranges = ranges_on(model, x)});
  plan.forward(x);
  const Tensor before = plan.output().clone();
  const VariablePtr kernel = model.get_layer("c5").weights().front();
  Tensor scaled = kernel->value().clone();
  for (float& w : scaled.data()) w *= -1;
  kernel->assign(scaled);
  plan.forward(x);
  EXPECT_GT(test::relative_distance(plan.output(), before), 1e-3);
}

TEST(Int8, NetworksAreAlmostOnly8BitProducts) {
  const std::vector<Model> models = {
      applications::MobileNetV2({.input_shape = {128, 128, 3}, .weights = "none"}),
      applications::ResNet50({.input_shape = {64, 64, 3}, .weights = "none"}),
      applications::InceptionV3({.input_shape = {128, 128, 3}, .weights = "none"})};
  for (const Model& model : models) {
    SCOPED_TRACE(model.name());
    const Shape sample = model.input_shape().without_batch();
    const Tensor x = random_tensor(sample.with_batch(1), "x");
    const Plan plan =
        Plan::lower(model, {.execution = {.dtype_policy = DTypePolicy::int8}, .ranges = ranges_on(model, x)});
    EXPECT_LE(test::count_ops(plan, "Cast"), 2U);
    for (const StepInfo& step : plan.steps()) {
      if (step.op == "Convolution") {
        EXPECT_EQ(step.implementation.find("converting"), std::string::npos) << step.layer;
      }
    }
  }
}

TEST(Int8, DenseLayersBeforeTheAnswerAre8BitProducts) {
  const SymbolicTensor input = Input({16, 16, 8}, "image");
  SymbolicTensor x = layers::Flatten({.name = "flat"})(input);
  x = layers::Dense({.units = 64, .activation = "relu", .name = "fc1"})(x);
  x = layers::Dense({.units = 2048, .activation = "relu", .name = "fc2"})(x);
  const Model model(input, layers::Dense({.units = 64, .activation = "softmax", .name = "head"})(x));
  test::fill_weights(model);
  const Tensor photo = random_tensor({2, 16, 16, 8}, "x");
  const RangesPtr ranges = ranges_on(model, photo);
  const Plan plan = Plan::lower(
      model, {.batch_size = 2, .execution = {.dtype_policy = DTypePolicy::int8}, .ranges = ranges});
  for (const StepInfo& step : plan.steps()) {
    if (step.op == "Dense") {
      EXPECT_EQ(step.implementation.find("onednn int8") != std::string::npos, step.layer != "head")
          << step.layer << " " << step.implementation;
    }
  }
  const Tensor low =
      output_of(model, photo, {.execution = {.dtype_policy = DTypePolicy::int8}, .ranges = ranges});
  EXPECT_LT(test::relative_distance(low, output_of(model, photo, {})), 0.02);
}

TEST(Int8, IsForInferenceAndNeedsRanges) {
  const Model model = test::residual_model();
  const auto ranges = std::make_shared<ValueRanges>();
  EXPECT_THROW((void)Plan::lower(model, {.execution = {.dtype_policy = DTypePolicy::int8}}), Error);
  EXPECT_THROW((void)Plan::lower(model, {.mode = Mode::training,
                                         .execution = {.dtype_policy = DTypePolicy::int8},
                                         .ranges = ranges}),
               Error);
  EXPECT_EQ(dtype_policy_from_name("int8"), DTypePolicy::int8);
  EXPECT_EQ(to_string(DTypePolicy::int8), "int8");
}

TEST(Int8, RangesAreReadFromJsonAndBrokenOnesAreRefused) {
  ValueRanges ranges{.ranges = {{"a:0", {-1.5F, 2}}, {"b/c:1", {0, 0.1F}}}, .float32_layers = {"b/c"}};
  const ValueRanges same = ValueRanges::from_json(Json::parse(ranges.to_json().dump()));
  EXPECT_EQ(same.ranges.at("a:0").low, -1.5F);
  EXPECT_EQ(same.ranges.at("b/c:1").high, 0.1F);
  EXPECT_TRUE(same.float32_layers.contains("b/c"));
  for (const char* broken :
       {"[]", "{}", R"({"ranges": []})", R"({"ranges": {"a": [1]}})", R"({"ranges": {"a": [2, 1]}})",
        R"({"ranges": {"a": ["x", 1]}})", R"({"ranges": {"a": [0, 1e300]}})",
        R"({"ranges": {}, "float32_layers": 3})", R"({"ranges": {}, "float32_layers": [3]})"}) {
    EXPECT_THROW((void)ValueRanges::from_json(Json::parse(broken)), Error) << broken;
  }
}

/// What plans compute inside a convolution's kernel.
TEST(Int8, RangesAreKnownBeforeActivationsAndSums) {
  const Model model = convolutional_model();
  test::fill_weights(model);
  const RangesPtr found = ranges_on(model, random_tensor({2, 32, 32, 3}, "x"));
  ASSERT_TRUE(found->ranges.contains("c3:0"));
  ASSERT_TRUE(found->ranges.contains("c3:1"));
  EXPECT_LT(found->ranges.at("c3:0").low, 0);
  EXPECT_GE(found->ranges.at("c3:1").low, 0);
  EXPECT_TRUE(found->ranges.contains("c2:0"));
  EXPECT_TRUE(found->ranges.contains("add:0"));
  const Int8Values values = int8_values(model, {32, 32, 3}, found);
  EXPECT_EQ(values.ranges.at("c3:0").low, found->ranges.at("c3:0").low);
  EXPECT_EQ(values.ranges.size(), found->ranges.size());
  // Plans have no such value.
  EXPECT_FALSE(values.kept.contains("c3:0"));
  EXPECT_TRUE(values.kept.contains("c3:1"));
}

TEST(Int8, ARangeExcludesOutliers) {
  const SymbolicTensor input = Input({64, 64, 1}, "image");
  const Model model(input, layers::ReLU({.name = "relu"})(input));
  Tensor x = random_tensor({1, 64, 64, 1}, "x");
  x.data()[7] = 100;
  const ValueRange one = ranges_on(model, x)->ranges.at("relu:0");
  EXPECT_EQ(one.low, 0);
  EXPECT_GT(one.high, 1);
  EXPECT_LE(one.high, 100);
  const ValueRange with_many = ranges_on(model, random_tensor({1, 64, 64, 1}, "x"))->ranges.at("relu:0");
  EXPECT_NEAR(with_many.high, 1, 0.01);
}

}  // namespace
}  // namespace graft::plan
