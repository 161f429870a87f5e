// SPDX-License-Identifier: Apache-2.0
// Lowering: fewer ops with the same results, and no backward pass before the first trainable weight.
#include <vector>

#include <gtest/gtest.h>

#include "graft/applications.hpp"
#include "graft/base/parallel.hpp"
#include "graft/error.hpp"

#include "small_models.hpp"

namespace graft::plan {
namespace {

using test::count_ops;
using test::random_tensor;

Model small_mobilenet() {
  return applications::MobileNetV2(
      {.input_shape = {64, 64, 3}, .include_top = false, .weights = "none", .alpha = 0.35});
}

TEST(PlanPasses, MobileNetV2InInferenceHasOnlyConvolutions) {
  const Plan plan = Plan::lower(small_mobilenet(), {});
  for (const char* op : {"BatchNormalizationScaleShift", "ScaleShift", "Pad", "ActivationForward", "Add"})
    EXPECT_EQ(count_ops(plan, op), 0U) << op;
  EXPECT_EQ(count_ops(plan, "Convolution"), 52U);
}

TEST(PlanPasses, FusedResultsEqualThoseOfSingleLayers) {
  for (const Model& model :
       {test::residual_model("relu6"), test::residual_model("swish"), small_mobilenet()}) {
    test::fill_weights(model);
    const Tensor input = random_tensor(model.input_shape().without_batch().with_batch(2), "x");
    PlanOptions every{.batch_size = 2};
    for (const Layer& layer : model.layers()) every.outputs.push_back(layer.output());
    Plan single = Plan::lower(model, every);
    Plan fused = Plan::lower(model, {.batch_size = 2});
    single.forward(input);
    fused.forward(input);
    EXPECT_LT(fused.steps().size(), single.steps().size());
    EXPECT_LT(fused.arena_bytes(), single.arena_bytes());
    EXPECT_LT(test::max_difference(fused.output().data(), single.output(every.outputs.size() - 1).data()),
              1e-4);
  }
}

TEST(PlanPasses, OnlySumsOfEqualShapesBecomePartOfAConvolution) {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  const SymbolicTensor x = layers::Conv2D({.filters = 4, .kernel_size = 3, .name = "conv"})(input);
  const SymbolicTensor other = layers::Conv2D({.filters = 4, .kernel_size = 3, .name = "other"})(input);
  const SymbolicTensor mean = layers::GlobalAveragePooling2D({.keepdims = true})(other);
  for (const bool broadcast : {false, true}) {
    SCOPED_TRACE(broadcast ? "with one number per channel" : "of equal shapes");
    const SymbolicTensor sum = layers::Add("sum")(std::vector{x, broadcast ? mean : other});
    const SymbolicTensor end = layers::ReLU({.name = "relu"})(sum);
    const Model model(input, end);
    test::fill_weights(model);
    Plan single = Plan::lower(model, {.outputs = {x, sum, end}});
    Plan fused = Plan::lower(model, {});
    EXPECT_EQ(count_ops(fused, "Add"), broadcast ? 1U : 0U);
    const Tensor image = random_tensor({1, 8, 8, 3}, "x");
    single.forward(image);
    fused.forward(image);
    EXPECT_LT(test::max_difference(fused.output().data(), single.output(2).data()), 1e-5);
  }
}

TEST(PlanPasses, NoGradientsBeforeTheFirstTrainableWeight) {
  const Model model = test::residual_model();
  const Plan whole = Plan::lower(model, {.mode = Mode::training, .batch_size = 4});
  for (const char* name : {"c1", "bn1", "dw", "bn2"}) model.get_layer(name).set_trainable(false);
  const Plan head = Plan::lower(model, {.mode = Mode::training, .batch_size = 4});
  for (const StepInfo& step : head.steps()) {
    if (step.op.find("Backward") == std::string::npos) continue;
    EXPECT_TRUE(step.layer != "c1" && step.layer != "bn1" && step.layer != "dw" && step.layer != "bn2")
        << step.op << " of " << step.layer;
  }
  EXPECT_LT(head.arena_bytes(), whole.arena_bytes());
  EXPECT_EQ(head.gradients().size(), 4U);  // kernel and bias of c2 and of the head
}

TEST(PlanPasses, BatchNormalizationInTrainingModeCarriesTheActivationAfterIt) {
  for (const char* activation : {"relu6", "swish"}) {
    const SymbolicTensor input = Input({8, 8, 3}, "image");
    SymbolicTensor x = layers::Conv2D({.filters = 6, .kernel_size = 3, .use_bias = false})(input);
    x = layers::Activation(activation)(layers::BatchNormalization()(x));
    x = layers::Dense({.units = 2})(layers::GlobalAveragePooling2D()(x));
    const Plan plan = Plan::lower({input, x}, {.mode = Mode::training, .batch_size = 2});
    EXPECT_EQ(count_ops(plan, "BatchNormalizationTraining"), 1U);
    EXPECT_EQ(count_ops(plan, "ActivationForward"), 0U) << activation;
    EXPECT_EQ(count_ops(plan, "ActivationBackward"), 0U) << activation;
  }
}

TEST(PlanPasses, RandomLayersDrawTheSameForChunksAsForTheBatch) {
  const SymbolicTensor input = Input({16, 16, 3}, "image");
  SymbolicTensor x = layers::RandomRotation({.factor = 0.2, .seed = 4})(input);
  x = layers::RandomFlip({.mode = Flip::horizontal, .seed = 3})(x);
  x = layers::RandomBrightness({.factor = 0.2, .value_range = {-1, 1}, .seed = 5})(x);
  const Model model(input, layers::Conv2D({.filters = 4, .kernel_size = 3})(x));
  test::fill_weights(model);
  const int threads = num_threads();
  const Tensor images = random_tensor({6, 16, 16, 3}, "x");
  for (const int count : {1, 2, 3}) {
    set_num_threads(count);
    Plan whole = Plan::lower(model, {.mode = Mode::training, .batch_size = 6, .cache_bytes = 1U << 30U});
    Plan rounds = Plan::lower(
        model, {.mode = Mode::training, .batch_size = 6, .cache_bytes = 1, .passes = {.print = true}});
    EXPECT_NE(rounds.passes().back().program.find("1 samples at a time"), std::string::npos)
        << "not in chunks, " << count << " threads";
    for (const std::uint64_t step : {0U, 1U}) {
      whole.forward(images, 7, step);
      rounds.forward(images, 7, step);
      EXPECT_LT(test::max_difference(whole.output().data(), rounds.output().data()), 1e-5)
          << count << " threads, step " << step;
    }
  }
  set_num_threads(threads);
}

TEST(PlanPasses, AFlipBecomesPartOfTheRotationAfterIt) {
  for (const Fill fill : {Fill::reflect, Fill::nearest, Fill::constant, Fill::wrap}) {
    const SymbolicTensor input = Input({17, 20, 3}, "image");
    const SymbolicTensor flipped = layers::RandomFlip({.seed = 3})(input);
    const SymbolicTensor turned =
        layers::RandomRotation({.factor = 0.3, .fill_mode = fill, .seed = 4, .fill_value = 0.25})(flipped);
    const Model model(input, layers::Conv2D({.filters = 4, .kernel_size = 1})(turned));
    test::fill_weights(model);
    const Tensor images = random_tensor({12, 17, 20, 3}, "x");
    Plan fused = Plan::lower(model, {.mode = Mode::training, .batch_size = 12});
    // Where both are outputs they stay two.
    Plan single = Plan::lower(
        model, {.mode = Mode::training, .batch_size = 12, .outputs = {model.outputs().front(), flipped}});
    EXPECT_EQ(count_ops(fused, "RandomTransform"), fill == Fill::wrap ? 2U : 1U);
    EXPECT_EQ(count_ops(single, "RandomTransform"), 2U);
    for (const std::uint64_t step : {0U, 1U}) {
      fused.forward(images, 7, step);
      single.forward(images, 7, step);
      EXPECT_LT(test::max_difference(fused.output().data(), single.output().data()), 1e-4);
      EXPECT_GT(test::max_difference(single.output(1).data(), images.data()), 0.1) << "nothing was flipped";
    }
  }
}

TEST(PlanPasses, ARescalingBecomesPartOfTheRotationBeforeIt) {
  const SymbolicTensor input = Input({17, 20, 3}, "image");
  const SymbolicTensor turned = layers::RandomRotation({.factor = 0.3, .seed = 4})(input);
  const SymbolicTensor scaled = layers::Rescaling({.scale = {0.5F}, .offset = {-1}})(turned);
  const Model model(input, layers::Conv2D({.filters = 4, .kernel_size = 1})(scaled));
  test::fill_weights(model);
  const Tensor images = random_tensor({12, 17, 20, 3}, "x");
  for (const DTypePolicy precision : {DTypePolicy::float32, DTypePolicy::mixed_bfloat16}) {
    PlanOptions options{.mode = Mode::training, .batch_size = 12, .execution = {.dtype_policy = precision}};
    Plan fused = Plan::lower(model, options);
    options.outputs = {model.outputs().front(), turned};  // stay two where both are outputs
    Plan single = Plan::lower(model, options);
    EXPECT_EQ(count_ops(fused, "ScaleShift"), 0U);
    EXPECT_EQ(count_ops(single, "ScaleShift"), 1U);
    fused.forward(images, 7, 1);
    single.forward(images, 7, 1);
    EXPECT_LT(test::max_difference(fused.output().data(), single.output().data()), 1e-5);
    // The only cast is after the convolution: the values before it are rounded where they are computed.
    const std::size_t casts = precision == DTypePolicy::mixed_bfloat16 ? 1 : 0;
    EXPECT_EQ(count_ops(single, "Cast"), casts);
    EXPECT_EQ(count_ops(fused, "Cast"), casts);
  }
}

TEST(PlanPasses, ThreadsWithTheirOwnChunksShareTheCacheAndTheArena) {
  const Model model = applications::MobileNetV2({.input_shape = {96, 96, 3}, .weights = "none"});
  const int threads = num_threads();
  set_num_threads(1);
  const std::size_t alone = Plan::lower(model, {.batch_size = 32}).arena_bytes();
  set_num_threads(2);
  const std::size_t two = Plan::lower(model, {.batch_size = 32}).arena_bytes();
  set_num_threads(threads);
  EXPECT_LT(two, alone * 5 / 4) << "each thread uses chunks of half the size";
}

TEST(PlanPasses, TheBackwardPassFreesValuesAfterTheirLastRead) {
  const Model base =
      applications::MobileNetV2({.input_shape = {160, 160, 3}, .include_top = false, .weights = "none"});
  for (Layer& layer : base.layers().first(100)) layer.set_trainable(false);
  const SymbolicTensor input = Input({160, 160, 3}, "image");
  const SymbolicTensor features = base(input, {.training = false});
  const Model model(input, layers::Dense({.units = 1})(layers::GlobalAveragePooling2D()(features)));
  const int threads = num_threads();
  set_num_threads(2);
  const PlanOptions options{.mode = Mode::training, .batch_size = 32};
  const std::size_t bytes = Plan::lower(model, options).arena_bytes();
  set_num_threads(threads);
  EXPECT_LT(bytes, 78'000'000U) << "88 million where segments keep all values until their end";
}

/// Two frozen layers and, beside them, one that trains.
Model half_frozen() {
  const SymbolicTensor input = Input({16, 16, 3}, "image");
  SymbolicTensor x = layers::RandomFlip()(input);
  x = layers::Conv2D({.filters = 6, .kernel_size = 3, .activation = "relu", .name = "c1"})(x);
  const SymbolicTensor y = layers::Conv2D({.filters = 6, .kernel_size = 1, .name = "c2"})(x);
  const SymbolicTensor z = layers::Conv2D({.filters = 6, .kernel_size = 1, .name = "c3"})(x);
  x = layers::Add()(std::vector{layers::ReLU()(z), layers::ReLU()(y)});
  x = layers::GlobalAveragePooling2D()(x);
  const Model model(input, layers::Dense({.units = 2, .name = "head"})(x));
  for (const char* name : {"c1", "c3"}) model.get_layer(name).set_trainable(false);
  test::fill_weights(model);
  return model;
}

TEST(PlanFrozenFirst, ContinuesFromCachedValues) {
  const Model model = half_frozen();
  for (const DTypePolicy precision : {DTypePolicy::float32, DTypePolicy::mixed_bfloat16}) {
    const PlanOptions options{.batch_size = 6,
                              .execution = {.dtype_policy = precision},
                              .cache_bytes = std::size_t{1} << 14,
                              .frozen_first = true};
    Plan whole = Plan::lower(model, {.batch_size = 6, .execution = {.dtype_policy = precision}});
    Plan parts = Plan::lower(model, options);
    ASSERT_EQ(parts.frozen_values().size(), 2U) << "what c2 reads, and c3's";
    const Tensor x = random_tensor({6, 16, 16, 3}, "x");
    parts.forward_frozen(x);
    std::vector<Tensor> kept;
    for (const Tensor& value : parts.frozen_values()) kept.push_back(value.clone());
    parts.forward_from_frozen();
    whole.forward(x);
    EXPECT_EQ(test::max_difference(whole.output().data(), parts.output().data()), 0);
    parts.forward(random_tensor({6, 16, 16, 3}, "other"));
    EXPECT_GT(test::max_difference(whole.output().data(), parts.output().data()), 0);

    const std::uint64_t version = parts.frozen_version();
    model.get_layer("c2").weights()[0]->mutable_value().data()[0] += 1;
    EXPECT_EQ(parts.frozen_version(), version) << "c2 may change";
    for (std::size_t i = 0; i < kept.size(); ++i) Tensor(parts.frozen_values()[i]).copy_from(kept[i]);
    parts.forward_from_frozen();
    whole.forward(x);
    EXPECT_EQ(test::max_difference(whole.output().data(), parts.output().data()), 0);
    model.get_layer("c1").weights()[0]->mutable_value().data()[0] += 1;
    EXPECT_NE(parts.frozen_version(), version);
  }
}

TEST(PlanFrozenFirst, CachesANarrowValueAndRecomputesTheWideOne) {
  const SymbolicTensor input = Input({16, 16, 3}, "image");
  SymbolicTensor x =
      layers::Conv2D({.filters = 32, .kernel_size = 3, .activation = "relu", .name = "c1"})(input);
  x = layers::Conv2D({.filters = 4, .kernel_size = 3, .name = "narrow"})(x);
  x = layers::Conv2D({.filters = 16, .kernel_size = 1, .activation = "relu6", .name = "wide"})(x);
  x = layers::Conv2D({.filters = 8, .kernel_size = 3, .name = "trained"})(x);
  const Model model(input, layers::Dense({.units = 2, .name = "head"})(layers::GlobalAveragePooling2D()(x)));
  for (const char* name : {"c1", "narrow", "wide"}) model.get_layer(name).set_trainable(false);
  test::fill_weights(model);
  Plan parts = Plan::lower(model, {.mode = Mode::training, .batch_size = 4, .frozen_first = true});
  ASSERT_EQ(parts.frozen_values().size(), 1U);
  EXPECT_EQ(parts.frozen_values()[0].shape(), Shape({4, 12, 12, 4})) << "wide is 3 % of the frozen work";
  Plan whole = Plan::lower(model, {.mode = Mode::training, .batch_size = 4});
  const Tensor images = random_tensor({4, 16, 16, 3}, "x");
  parts.forward_frozen(images);
  parts.forward_from_frozen();
  whole.forward(images);
  EXPECT_EQ(test::max_difference(whole.output().data(), parts.output().data()), 0);
}

TEST(PlanFrozenFirst, RandomNumbersAreNotFrozen) {
  const Model model = half_frozen();
  const Plan training = Plan::lower(model, {.mode = Mode::training, .batch_size = 2, .frozen_first = true});
  EXPECT_TRUE(training.frozen_values().empty()) << "the flip comes first";
}

TEST(PlanPasses, AFinalSoftmaxIsRemovedForLogits) {
  const Plan plan = Plan::lower(test::residual_model(), {.logits = true});
  EXPECT_EQ(plan.final_activation(), FinalActivation::softmax);
  EXPECT_EQ(count_ops(plan, "Softmax"), 0U);
}

TEST(PlanPasses, WithoutTrainableWeightsThereAreNoGradients) {
  Model model = test::residual_model();
  model.set_trainable(false);
  EXPECT_TRUE(Plan::lower(model, {.mode = Mode::training}).gradients().empty());
}

TEST(PlanRuns, ChangedWeightsAreSeenAndRunsAreBitEqual) {
  const Model model = test::residual_model();
  test::fill_weights(model);
  const Tensor input = random_tensor({1, 8, 8, 3}, "x");
  Plan plan = Plan::lower(model, {});
  plan.forward(input);
  const Tensor first = plan.output().clone();
  plan.forward(input);
  EXPECT_EQ(test::max_difference(first.data(), plan.output().data()), 0);
  for (const char* name : {"c1", "bn1", "bn2", "head"}) {
    const Tensor before = plan.output().clone();
    model.get_layer(name).weights().back()->mutable_value().data()[0] += 0.25F;
    plan.forward(input);
    EXPECT_GT(test::max_difference(before.data(), plan.output().data()), 1e-6) << name;
    Plan fresh = Plan::lower(model, {});
    fresh.forward(input);
    EXPECT_EQ(test::max_difference(fresh.output().data(), plan.output().data()), 0) << name;
  }
}

TEST(PlanRuns, TheBatchSizeDoesNotMatter) {
  const Model model = test::residual_model();
  test::fill_weights(model);
  const Tensor input = random_tensor({7, 8, 8, 3}, "x");
  Plan all = Plan::lower(model, {.batch_size = 7});
  all.forward(input);
  Plan one = Plan::lower(model, {});
  for (std::int64_t i = 0; i < 7; ++i) {
    one.forward(input.slice(i, i + 1));
    EXPECT_LT(test::max_difference(one.output().data(), all.output().slice(i, i + 1).data()), 1e-5);
  }
}

TEST(PlanRuns, AViewOfTheInputIsNotOverwritten) {
  const SymbolicTensor input = Input({2, 3}, "x");
  const SymbolicTensor x = layers::Flatten()(input);
  const Model model(input, layers::ReLU()(x));
  const Tensor given = random_tensor({1, 2, 3}, "x");
  const Tensor copy = given.clone();
  Plan plan = Plan::lower(model, {});
  plan.forward(given);
  EXPECT_EQ(test::max_difference(given.data(), copy.data()), 0);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(plan.output().data()[i], std::max(0.0F, copy.data()[i]));
}

TEST(PlanRuns, WrongShapesAreErrors) {
  Plan plan = Plan::lower(test::residual_model(), {.batch_size = 2});
  EXPECT_THROW(plan.forward(Tensor({1, 8, 8, 3})), Error);
  plan.forward(Tensor({2, 8, 8, 3}));
  EXPECT_THROW(plan.backward(Tensor({2, 3})), Error);
  EXPECT_THROW((void)Plan::lower(test::residual_model(), {.batch_size = 0}), Error);
}

}  // namespace
}  // namespace graft::plan
