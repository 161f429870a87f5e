// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "graft/error.hpp"
#include "graft/training.hpp"

#include "small_trainee.hpp"

namespace graft {
namespace {

data::Dataset samples() {
  Tensor images({24, 8, 8, 3});
  Tensor labels({24}, DType::int32);
  const std::vector<double> u = test::u01("finder", static_cast<std::size_t>(images.count()));
  for (std::size_t i = 0; i < 24; ++i) {
    labels.data<std::int32_t>()[i] = static_cast<std::int32_t>(i % 3);
    for (std::size_t k = 0; k < 192; ++k)
      images.data<float>()[i * 192 + k] =
          static_cast<float>(0.3 * u[i * 192 + k] + (k % 3 == i % 3 ? 0.7 : 0));
  }
  return data::Dataset::from_tensors(images, labels, {.batch_size = 8, .shuffle = true, .seed = 4});
}

CompileOptions options(const OptimizerPtr& optimizer) {
  return {.optimizer = optimizer,
          .loss = SparseCategoricalCrossentropy({.from_logits = true}),
          .metrics = {"accuracy"}};
}

std::vector<std::uint32_t> bits(const Model& model) {
  std::vector<std::uint32_t> all;
  for (const VariablePtr& weight : model.weights()) {
    const auto values = weight->value().data<float>();
    const std::size_t begin = all.size();
    all.resize(begin + values.size());
    std::memcpy(&all[begin], values.data(), values.size_bytes());
  }
  return all;
}

TEST(LearningRateFinder, LeavesTheModelAndItsTrainingAsTheyWere) {
  Model plain = test::small_trainee();
  plain.compile(options(Adam({.learning_rate = 0.003})));
  (void)plain.fit(samples(), {.epochs = 2});
  Model searched = test::small_trainee();
  const OptimizerPtr optimizer = Adam({.learning_rate = 0.003});
  searched.compile(options(optimizer));
  (void)searched.fit(samples(), {.epochs = 1});
  const auto before = bits(searched);
  const double rate = optimizer->learning_rate();
  (void)find_learning_rate(searched, samples(), {.from = 1e-4, .to = 1, .steps = 30});
  EXPECT_EQ(bits(searched), before);
  EXPECT_EQ(optimizer->learning_rate(), rate);
  EXPECT_EQ(optimizer->iterations(), 3);
  (void)searched.fit(samples(), {.epochs = 2, .initial_epoch = 1});
  EXPECT_EQ(bits(searched), bits(plain));
}

TEST(LearningRateFinder, RatesRiseByEqualFactorsAndTheSuggestionLiesWhereTheLossFalls) {
  Model model = test::small_trainee();
  model.compile(options(SGD({.learning_rate = 0.01})));
  const LearningRateCurve curve =
      find_learning_rate(model, samples(), {.from = 1e-4, .to = 100, .steps = 60, .smoothing = 0.8});
  ASSERT_GE(curve.points.size(), 30U);
  EXPECT_DOUBLE_EQ(curve.points.front().rate, 1e-4);
  for (std::size_t i = 1; i < curve.points.size(); ++i)
    EXPECT_NEAR(curve.points[i].rate / curve.points[i - 1].rate, std::pow(1e6, 1.0 / 59), 1e-9);
  EXPECT_DOUBLE_EQ(curve.points.front().smoothed, curve.points.front().loss);
  EXPECT_GT(curve.suggestion, 1e-4);
  EXPECT_LE(curve.suggestion, curve.lowest_loss / 10);
  EXPECT_LT(curve.lowest_loss, 100);
  const std::string svg = to_svg(curve);
  EXPECT_EQ(svg.substr(0, 4), "<svg");
  EXPECT_NE(svg.find("suggested"), std::string::npos);
  EXPECT_NE(to_svg({}).find("</svg>"), std::string::npos);
}

TEST(LearningRateFinder, RefusesWhatMakesNoSense) {
  Model model = test::small_trainee();
  model.compile(options(SGD({.learning_rate = ExponentialDecay(
                                 {.initial_learning_rate = 0.1, .decay_steps = 4, .decay_rate = 0.5})})));
  EXPECT_THROW((void)find_learning_rate(model, samples()), Error);
  model.compile(options(SGD({.learning_rate = 0.1})));
  for (const LearningRateFinderOptions& wrong :
       {LearningRateFinderOptions{.from = 0}, LearningRateFinderOptions{.from = 1, .to = 0.1},
        LearningRateFinderOptions{.steps = 2}, LearningRateFinderOptions{.smoothing = 1}})
    EXPECT_THROW((void)find_learning_rate(model, samples(), wrong), Error);
}

TEST(Fit, AugmentationChangesWhatIsLearntFromAloneAndIsReproducible) {
  const auto run = [](std::vector<data::AugmentationPtr> augment) {
    Model model = test::small_trainee();
    set_random_seed(3);
    model.compile(
        {.optimizer = SGD({.learning_rate = 0.1}), .loss = CategoricalCrossentropy({.from_logits = true})});
    data::DatasetOptions set = samples().options();
    set.label_mode = data::LabelMode::categorical;
    const data::Dataset photos = samples().with_options(set);
    (void)model.fit(photos, {.epochs = 2, .augment = std::move(augment)});
    return bits(model);
  };
  const auto plain = run({});
  const auto mixed = run({data::MixUp({.alpha = 1}), data::RandomErasing()});
  EXPECT_NE(mixed, plain);
  EXPECT_EQ(mixed, run({data::MixUp({.alpha = 1}), data::RandomErasing()}));
  EXPECT_THROW(run({nullptr, data::MixUp()}), Error);
}

}  // namespace
}  // namespace graft
