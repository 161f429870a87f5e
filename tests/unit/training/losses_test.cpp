// SPDX-License-Identifier: Apache-2.0
// Values by hand, slopes against differences, config there and back.
#include "graft/training/losses.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/training/configs.hpp"

namespace graft {
namespace {

struct Given {
  LossPtr loss;
  Tensor predictions, labels;
};

const std::vector<float> kProbabilities{0.7F, 0.2F, 0.1F, 0.25F, 0.35F, 0.4F};
const std::vector<float> kScores{0.7F, -1.2F, 0.1F, 2.5F, 0.35F, -0.4F};

std::vector<Given> cases() {
  const Tensor p = Tensor::from({2, 3}, kProbabilities);
  const Tensor z = Tensor::from({2, 3}, kScores);
  const std::vector<float> hot{1, 0, 0, 0, 0, 1};
  const Tensor one_hot = Tensor::from({2, 3}, hot);
  Tensor sparse({2}, DType::int32);
  sparse.data<std::int32_t>()[1] = 2;
  return {{BinaryCrossentropy({.label_smoothing = 0.1}), p, one_hot},
          {BinaryCrossentropy({.from_logits = true}), z, one_hot},
          {CategoricalCrossentropy({.label_smoothing = 0.2}), p, one_hot},
          {CategoricalCrossentropy({.from_logits = true}), z, one_hot},
          {SparseCategoricalCrossentropy(), p, sparse},
          {SparseCategoricalCrossentropy({.from_logits = true}), z, sparse},
          {BinaryFocalCrossentropy({.apply_class_balancing = true}), p, one_hot},
          {BinaryFocalCrossentropy({.gamma = 1.5, .from_logits = true}), z, one_hot},
          {CategoricalFocalCrossentropy(), p, one_hot},
          {CategoricalFocalCrossentropy({.from_logits = true, .label_smoothing = 0.1}), z, one_hot},
          {Hinge(), z, one_hot},
          {SquaredHinge(), z, one_hot},
          {CategoricalHinge(), z, one_hot},
          {MeanSquaredError(), z, one_hot},
          {MeanAbsoluteError(), z, one_hot},
          {KLDivergence(), p, one_hot}};
}

double value_of(const Given& given, const Tensor& weight, Tensor* gradient) {
  return given.loss->compute({given.predictions, given.labels, weight, given.loss->from_logits()}, gradient);
}

TEST(Losses, SlopesAreThoseOfTheValues) {
  const std::vector<float> weights{0.5F, 2.0F};
  const Tensor weight = Tensor::from({2}, weights);
  for (const Given& given : cases()) {
    SCOPED_TRACE(given.loss->config().dump());
    Tensor gradient({2, 3});
    value_of(given, weight, &gradient);
    for (std::size_t i = 0; i < 6; ++i) {
      constexpr float kStep = 1e-3F;
      Given moved = given;
      moved.predictions = given.predictions.clone();
      moved.predictions.data()[i] += kStep;
      const double above = value_of(moved, weight, nullptr);
      moved.predictions.data()[i] -= 2 * kStep;
      const double below = value_of(moved, weight, nullptr);
      EXPECT_NEAR(gradient.data()[i], (above - below) / (2 * static_cast<double>(kStep)), 2e-3) << i;
    }
  }
}

TEST(Losses, ConfigsGoThereAndBack) {
  for (const Given& given : cases()) {
    const LossPtr again = loss_from_config(given.loss->config());
    EXPECT_EQ(again->config(), given.loss->config());
    EXPECT_EQ(value_of({again, given.predictions, given.labels}, {}, nullptr), value_of(given, {}, nullptr));
  }
  EXPECT_EQ(loss_from_config("mse")->config().at("config").at("name"), "mean_squared_error");
  EXPECT_THROW((void)loss_from_name("huberish"), Error);
  Json summed = MeanSquaredError()->config();
  summed["config"]["reduction"] = "sum";
  EXPECT_THROW((void)loss_from_config(summed), Error);
  // Keras 2 writes "auto" for loss objects.
  summed["config"]["reduction"] = "auto";
  EXPECT_EQ(loss_from_config(summed)->config(), MeanSquaredError()->config());
}

TEST(Losses, ComplainOfLabelsThatDoNotFit) {
  const Tensor p = Tensor::from({2, 3}, kProbabilities);
  const Tensor none;
  EXPECT_THROW((void)MeanSquaredError()->compute({p, Tensor({2, 2}), none}, nullptr), Error);
  Tensor label({2}, DType::int32);
  label.data<std::int32_t>()[0] = 3;
  EXPECT_THROW((void)SparseCategoricalCrossentropy()->compute({p, label, none}, nullptr), Error);
  EXPECT_THROW((void)CategoricalCrossentropy({.label_smoothing = 2}), Error);
}

}  // namespace
}  // namespace graft
