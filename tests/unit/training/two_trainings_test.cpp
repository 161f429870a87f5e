// SPDX-License-Identifier: Apache-2.0
// Two trainings with different settings in two threads of one program do not affect each other.
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/random.hpp"
#include "graft/layers.hpp"
#include "graft/training.hpp"

namespace graft {
namespace {

/// Convolution, BatchNormalization and Dropout: threads, number format and seed all decide the last bits.
Model model_with_dropout() {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  SymbolicTensor x =
      layers::Conv2D({.filters = 8, .kernel_size = 3, .activation = "relu", .name = "conv"})(input);
  x = layers::BatchNormalization({.name = "bn"})(x);
  x = layers::GlobalAveragePooling2D({.name = "gap"})(x);
  x = layers::Dense({.units = 16, .activation = "relu", .name = "hidden"})(x);
  x = layers::Dropout({.rate = 0.3, .name = "dropout"})(x);
  Model model(input, layers::Dense({.units = 3, .name = "head"})(x));
  Rng rng(11);
  for (const VariablePtr& weight : model.weights()) {
    if (weight->name() == "moving_variance" || weight->name() == "gamma") continue;
    for (float& value : weight->mutable_value().data()) value = static_cast<float>(rng.uniform(-0.3, 0.3));
  }
  model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                 .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});
  return model;
}

data::Dataset twelve_samples() {
  Rng rng(3);
  Tensor x({12, 8, 8, 3});
  Tensor y({12}, DType::int32);
  for (float& value : x.data()) value = static_cast<float>(rng.uniform(-1, 1));
  for (std::int32_t& label : y.data<std::int32_t>()) label = static_cast<std::int32_t>(rng.below(3));
  return data::Dataset::from_tensors(x, y, {.batch_size = 4, .shuffle = true, .seed = 5});
}

/// All weights after a training, then its losses.
struct WeightsAndLosses {
  std::vector<float> weights;
  std::vector<double> losses;
  bool operator==(const WeightsAndLosses&) const = default;
};

WeightsAndLosses train(Model model, const data::Dataset& data, const Execution& execution) {
  const History history = model.fit(data, {.epochs = 4, .validation_data = data, .execution = execution});
  WeightsAndLosses outcome{.weights = {}, .losses = history["loss"]};
  for (const double loss : history["val_loss"]) outcome.losses.push_back(loss);
  for (const VariablePtr& weight : model.weights()) {
    const auto values = weight->value().data();
    outcome.weights.insert(outcome.weights.end(), values.begin(), values.end());
  }
  return outcome;
}

TEST(TwoTrainings, WithDifferentSettingsDoNotAffectEachOther) {
  const std::vector<Execution> settings{
      {.threads = 1, .dtype_policy = DTypePolicy::float32, .seed = 1},
      {.threads = 2, .dtype_policy = DTypePolicy::mixed_bfloat16, .seed = 2},
  };
  const int threads = num_threads();
  const std::uint64_t seed = random_seed();
  const data::Dataset data = twelve_samples();
  std::vector<WeightsAndLosses> alone;
  for (const Execution& one : settings) alone.push_back(train(model_with_dropout(), data, one));
  ASSERT_NE(alone[0], alone[1]) << "the settings make no difference: the test shows nothing";

  for (int round = 0; round < 3; ++round) {
    std::vector<WeightsAndLosses> together(2);
    std::vector<Model> models{model_with_dropout(), model_with_dropout()};
    std::thread other([&] { together[1] = train(models[1], data, settings[1]); });
    together[0] = train(models[0], data, settings[0]);
    other.join();
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(together[i], alone[i]) << "training " << i;
  }
  EXPECT_EQ(num_threads(), threads);
  EXPECT_EQ(random_seed(), seed);
  EXPECT_EQ(dtype_policy(), DTypePolicy::float32);
}

}  // namespace
}  // namespace graft
