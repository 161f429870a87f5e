// SPDX-License-Identifier: Apache-2.0
// A saved model continues its training where it stopped.
#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/saving.hpp"
#include "graft/training/configs.hpp"

#include "small_trainee.hpp"
#include "support.hpp"

namespace graft {
namespace {

Tensor images(int step) {
  Tensor all({4, 8, 8, 3});
  const std::vector<double> u = test::u01("images" + std::to_string(step), all.data().size());
  for (std::size_t i = 0; i < u.size(); ++i) all.data()[i] = static_cast<float>(2 * u[i] - 1);
  return all;
}

Tensor labels() {
  Tensor all({4}, DType::int32);
  for (int i = 0; i < 4; ++i) all.data<std::int32_t>()[static_cast<std::size_t>(i)] = i % 3;
  return all;
}

double step(Model& model, int number) { return model.train_on_batch(images(number), labels()); }

std::vector<OptimizerPtr> optimizers() {
  return {Adam({.learning_rate = 0.01}), SGD({.learning_rate = 0.01, .momentum = 0.9}),
          RMSprop({.learning_rate = CosineDecay({.initial_learning_rate = 0.01, .decay_steps = 10})})};
}

TEST(CompileConfig, ASavedModelContinuesBitByBit) {
  for (const char* name : {"model.keras", "model.h5"}) {
    for (const OptimizerPtr& optimizer : optimizers()) {
      const test::TemporaryFolder folder;
      Model model = test::small_trainee();
      model.compile({.optimizer = optimizer,
                     .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                     .metrics = {"accuracy"}});
      for (int i = 0; i < 3; ++i) (void)step(model, i);
      model.save(folder.path() / name);
      saving::LoadedModel loaded = saving::load_model(folder.path() / name);
      compile_from_config(loaded.model, loaded.compile_config, loaded.optimizer);
      for (int i = 3; i < 6; ++i)
        EXPECT_EQ(step(model, i), step(loaded.model, i)) << optimizer->class_name() << ", " << name;
    }
  }
}

TEST(CompileConfig, WithoutStateTheOptimizerStartsAtZero) {
  Model model = test::small_trainee();
  const CompileOptions options{.optimizer = Adam(), .loss = MeanSquaredError(), .metrics = {"mse"}};
  compile_from_config(model, compile_config(options));
  EXPECT_EQ(compile_options_from_config(compile_config(options)).metrics.size(), 1U);
  try {
    compile_from_config(model, nullptr);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("call compile()"), std::string::npos) << error.what();
  }
  EXPECT_THROW(compile_from_config(model, compile_config(options), {Tensor({7})}), Error);
}

}  // namespace
}  // namespace graft
