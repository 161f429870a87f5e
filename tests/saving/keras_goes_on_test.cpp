// SPDX-License-Identifier: Apache-2.0
// Training begun in graft continues in real Keras, and back, as if it had not stopped.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/formats/npy.hpp"
#include "graft/saving.hpp"
#include "graft/training.hpp"
#include "graft/training/optimizers.hpp"

#include "small_trainee.hpp"
#include "support.hpp"

namespace graft {
namespace {

constexpr std::int64_t kSteps = 6, kBatch = 8;

Tensor images() {
  Tensor all({kSteps, kBatch, 8, 8, 3});
  const std::vector<double> u = test::u01("goes on", all.data().size());
  for (std::size_t i = 0; i < u.size(); ++i) all.data()[i] = static_cast<float>(2 * u[i] - 1);
  return all;
}

Tensor labels() {
  Tensor all({kBatch}, DType::int32);
  for (std::size_t i = 0; i < kBatch; ++i) all.data<std::int32_t>()[i] = static_cast<std::int32_t>(i % 3);
  return all;
}

double step(Model& model, const Tensor& images, std::int64_t number) {
  return model.train_on_batch(images.slice(number, number + 1).reshape({kBatch, 8, 8, 3}), labels());
}

/// Keras's losses of steps 3 to 5.
Json keras_losses(const std::filesystem::path& folder) {
  const std::string command = "'" + std::string(std::getenv("GRAFT_KERAS_PYTHON")) + "' '" +
                              GRAFT_KERAS_GOES_ON + "' '" + folder.string() + "' > '" +
                              (folder / "log.txt").string() + "' 2>&1";
  // NOLINTNEXTLINE(cert-env33-c): the person who sets the variable chose the program
  const int status = std::system(command.c_str());
  std::ostringstream log;
  log << std::ifstream(folder / "log.txt").rdbuf();
  EXPECT_EQ(status, 0) << log.str();
  return status == 0 ? Json::parse(std::ifstream(folder / "losses.json")) : Json();
}

void there_and_back(const OptimizerPtr& optimizer) {
  SCOPED_TRACE(optimizer->class_name());
  const test::TemporaryFolder folder;
  const Tensor all = images();
  formats::write_npy(folder.path() / "images.npy", all);
  formats::write_npy(folder.path() / "labels.npy", labels());
  Model model = test::small_trainee();
  model.compile({.optimizer = optimizer, .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  for (std::int64_t i = 0; i < 3; ++i) (void)step(model, all, i);
  model.save(folder.path() / "model.keras");
  const Json keras = keras_losses(folder.path());
  ASSERT_EQ(keras.size(), 3U);
  saving::LoadedModel back = saving::load_model(folder.path() / "keras.keras");
  compile_from_config(back.model, back.compile_config, back.optimizer);
  for (std::int64_t i = 3; i < kSteps; ++i) {
    const double expected = keras[static_cast<std::size_t>(i - 3)].get<double>();
    EXPECT_NEAR(step(model, all, i), expected, 1e-5 * expected) << "step " << i;
    if (i == 3) continue;  // Keras had taken that step before it saved
    EXPECT_NEAR(step(back.model, all, i), expected, 1e-5 * expected) << "step " << i << ", back";
  }
}

TEST(KerasGoesOn, WhereGraftStoppedAndBack) {
  if (std::getenv("GRAFT_KERAS_PYTHON") == nullptr)
    GTEST_SKIP() << "set GRAFT_KERAS_PYTHON to a python that has keras, tensorflow and h5py";
  there_and_back(Adam({.learning_rate = 0.01, .shared = {.clipnorm = 1}}));
  there_and_back(SGD({.learning_rate = 0.01, .momentum = 0.9, .nesterov = true}));
  there_and_back(RMSprop({.learning_rate = CosineDecay({.initial_learning_rate = 0.01, .decay_steps = 10})}));
}

}  // namespace
}  // namespace graft
