// SPDX-License-Identifier: Apache-2.0
// predict() lowers a model once for each kind of call, not once a call.
#include "training/predictor.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "graft/base/execution_scope.hpp"
#include "graft/training.hpp"

#include "small_trainee.hpp"

namespace graft {
namespace {

Tensor photos(std::int64_t rows, std::int64_t size = 8) {
  Tensor all({rows, size, size, 3});
  const std::vector<double> u = test::u01("predictor", all.data().size());
  for (std::size_t i = 0; i < u.size(); ++i) all.data()[i] = static_cast<float>(u[i]);
  return all;
}

TEST(Predictor, OnlyTheFirstCallLowersTheModel) {
  Model model = test::small_trainee();
  const training::Predictor& predictor = *training::predictor(model);
  const Tensor first = model.predict(photos(1));
  for (int i = 0; i < 5; ++i) {
    const Tensor again = model.predict(photos(1));
    EXPECT_EQ(test::max_difference(again.data(), first.data()), 0);
  }
  (void)model.predict(photos(40));
  EXPECT_EQ(predictor.made(), 1U);
  (void)model.predict_on_batch(photos(3));
  (void)model.predict_on_batch(photos(3));
  EXPECT_EQ(predictor.made(), 2U) << "another batch size";
  const auto data =
      data::Dataset::from_tensors(photos(7), {}, {.batch_size = 4, .label_mode = data::LabelMode::none});
  (void)model.predict(data);
  (void)model.predict(data);
  EXPECT_EQ(predictor.made(), 3U);
}

TEST(Predictor, AnOutputThatIsAViewOfTheInput) {
  const SymbolicTensor input = Input({8, 8, 3});
  Model model(input, layers::Flatten()(input));
  const Tensor all = photos(31);
  for (const std::int64_t rows : {31, 9, 3}) {  // 31 and 9 are filled up to a batch
    const Tensor part = all.slice(0, rows);
    const Tensor result = plan::Runner(model, {.batch_size = 32}).run_first(part);
    EXPECT_EQ(result.shape(), (Shape{rows, 192}));
    EXPECT_EQ(test::max_difference(result.data(), part.data()), 0) << rows;
  }
}

TEST(Predictor, SeesWeightsThatChangedInBetween) {
  Model model = test::small_trainee();
  (void)model.predict(photos(2));
  for (const VariablePtr& weight : model.weights()) {
    for (float& value : weight->mutable_value().data()) value *= 1.25F;
  }
  const Tensor kept = model.predict(photos(2));
  const Tensor fresh = plan::Runner(model).run_first(photos(2));
  EXPECT_EQ(test::max_difference(kept.data(), fresh.data()), 0);
  EXPECT_EQ(training::predictor(model)->made(), 1U);
}

TEST(Predictor, OtherSettingsLowerAgain) {
  Model model = test::small_trainee();
  const training::Predictor& predictor = *training::predictor(model);
  (void)model.predict(photos(2));
  {
    const ExecutionScope mixed({.dtype_policy = DTypePolicy::mixed_bfloat16});
    const Tensor kept = model.predict(photos(2));
    const Tensor fresh = plan::Runner(model).run_first(photos(2));
    EXPECT_EQ(test::max_difference(kept.data(), fresh.data()), 0);
  }
  EXPECT_EQ(predictor.made(), 2U);
  const ExecutionScope threads({.threads = num_threads() + 1});
  (void)model.predict(photos(2));
  EXPECT_EQ(predictor.made(), 3U);
}

TEST(Predictor, KeepsABoundedNumberOfRunners) {
  Model model = test::small_trainee();
  const training::Predictor& predictor = *training::predictor(model);
  for (std::int64_t rows = 1; rows <= 12; ++rows) (void)model.predict_on_batch(photos(rows));
  EXPECT_EQ(predictor.made(), 12U);
  EXPECT_EQ(predictor.kept(), training::Predictor::kMostKept);
  (void)model.predict_on_batch(photos(12));
  EXPECT_EQ(predictor.made(), 12U) << "the last is kept";
  (void)model.predict_on_batch(photos(1));
  EXPECT_EQ(predictor.made(), 13U) << "the first was dropped";
}

TEST(Predictor, DoesNotKeepTheModelAlive) {
  std::weak_ptr<models::FunctionalModel> watched;
  {
    Model model = test::small_trainee();
    (void)model.predict(photos(1));
    watched = model.functional();
  }
  EXPECT_TRUE(watched.expired());
}

TEST(Predictor, ThreadsMayPredictAtTheSameTime) {
  Model model = test::small_trainee();
  const Tensor expected = plan::Runner(model).run_first(photos(3));
  std::vector<std::thread> threads;
  std::vector<double> differences(3, -1);
  for (std::size_t i = 0; i < differences.size(); ++i) {
    threads.emplace_back([&, i] {
      double most = 0;
      for (int k = 0; k < 5; ++k) {
        const Tensor output = Model(model).predict(photos(3));
        most = std::max(most, static_cast<double>(test::max_difference(output.data(), expected.data())));
      }
      differences[i] = most;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const double difference : differences) EXPECT_EQ(difference, 0);
}

}  // namespace
}  // namespace graft
