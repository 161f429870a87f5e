// SPDX-License-Identifier: Apache-2.0
// Training by several ranks, here threads: the same bits for any number of them.
#include <bit>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"
#include "graft/cluster/communicator.hpp"
#include "graft/layers.hpp"
#include "graft/training.hpp"

namespace graft {
namespace {

/// A small convolutional network with all that is random or counts samples.
Model network(bool frozen_normalization) {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  SymbolicTensor x = layers::RandomFlip({.mode = Flip::horizontal, .name = "flip"})(input);
  x = layers::RandomTranslation({.height_factor = 0.2, .width_factor = 0.2, .name = "shift"})(x);
  x = layers::Conv2D({.filters = 8, .kernel_size = 3, .activation = "relu", .name = "conv"})(x);
  const Layer normalization = layers::BatchNormalization({.name = "bn"});
  x = normalization(x);
  x = layers::GlobalAveragePooling2D({.name = "gap"})(x);
  x = layers::Dense({.units = 16, .activation = "relu", .kernel_regularizer = "l2", .name = "hidden"})(x);
  x = layers::Dropout({.rate = 0.3, .name = "dropout"})(x);
  Model model(input, layers::Dense({.units = 3, .name = "head"})(x));
  if (frozen_normalization) model.get_layer("bn").set_trainable(false);
  Rng rng(11);
  for (const VariablePtr& weight : model.weights()) {
    if (weight->name() == "moving_variance" || weight->name() == "gamma") continue;
    for (float& value : weight->mutable_value().data()) value = static_cast<float>(rng.uniform(-0.3, 0.3));
  }
  return model;
}

data::Dataset samples(std::size_t count, std::int64_t batch_size, data::LabelMode labels) {
  Rng rng(3);
  const auto n = static_cast<std::int64_t>(count);
  Tensor x({n, 8, 8, 3});
  Tensor y({n}, DType::int32);
  for (float& value : x.data()) value = static_cast<float>(rng.uniform(-1, 1));
  for (std::int32_t& label : y.data<std::int32_t>()) label = static_cast<std::int32_t>(rng.below(3));
  return data::Dataset::from_tensors(
      x, y, {.batch_size = batch_size, .shuffle = true, .seed = 5, .label_mode = labels});
}

struct Case {
  std::string name;
  bool frozen = false;
  std::int64_t batch_size = 32;
  bool mixes = false;        ///< MixUp
  bool weighs = false;       ///< classes and early stopping
  bool frozen_base = false;  ///< convolution too: results of frozen layers are kept
  bool bfloat16 = false;     ///< what the exchange of gradients rounds to
};
std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }

/// All weights, then all figures of the history.
struct RanksOutcome {
  std::vector<float> weights;
  std::vector<double> figures;
  bool operator==(const RanksOutcome&) const = default;
};

RanksOutcome train(const Case& with, std::shared_ptr<cluster::Communicator> ranks) {
  Model model = network(with.frozen || with.frozen_base);
  if (with.frozen_base) model.get_layer("conv").set_trainable(false);
  const data::LabelMode labels = with.mixes ? data::LabelMode::categorical : data::LabelMode::integer;
  model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                 .loss = with.mixes ? CategoricalCrossentropy({.from_logits = true})
                                    : SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});
  FitOptions options{.epochs = 3,
                     .validation_data = samples(21, with.batch_size, labels),
                     .execution = {.threads = 1, .seed = 42}};
  if (with.mixes) options.augment = {data::MixUp(), data::RandomErasing()};
  if (with.weighs) {
    options.class_weight = {{0, 3.0}, {2, 0.5}};
    options.callbacks = {EarlyStopping({.patience = 1, .restore_best_weights = true})};
  }
  options.ranks = std::move(ranks);
  options.bfloat16_exchange = with.bfloat16;
  const History history = model.fit(samples(77, with.batch_size, labels), options);
  RanksOutcome outcome;
  for (const EpochLog& log : history.epochs()) {
    for (const auto& [name, value] : log.values) outcome.figures.push_back(value);
  }
  for (const VariablePtr& weight : model.weights()) {
    const auto values = std::as_const(*weight).value().data();
    outcome.weights.insert(outcome.weights.end(), values.begin(), values.end());
  }
  return outcome;
}

/// The communicator of a call of run_ranks(), which keeps it.
std::shared_ptr<cluster::Communicator> shared(cluster::Communicator& ranks) {
  return {&ranks, [](cluster::Communicator*) {}};
}

std::vector<RanksOutcome> trained_by(int size, const Case& with) {
  std::vector<RanksOutcome> outcomes(static_cast<std::size_t>(size));
  cluster::run_ranks(size, [&](cluster::Communicator& ranks) {
    outcomes[static_cast<std::size_t>(ranks.rank())] = train(with, shared(ranks));
  });
  return outcomes;
}

class Ranks : public testing::TestWithParam<Case> {};

TEST_P(Ranks, AnyNumberOfThemHasTheSameBits) {
  const RanksOutcome alone = train(GetParam(), cluster::single_process());
  EXPECT_GT(alone.figures.size(), 3U);
  for (const int size : {1, 2, 3, 4}) {
    for (const RanksOutcome& outcome : trained_by(size, GetParam())) {
      EXPECT_EQ(outcome.weights, alone.weights) << size << " ranks";
      EXPECT_EQ(outcome.figures, alone.figures) << size << " ranks";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Trainings, Ranks,
                         testing::Values(Case{.name = "normalization_frozen", .frozen = true},
                                         Case{.name = "normalization_trains"},
                                         Case{.name = "batches_of_30", .batch_size = 30},
                                         Case{.name = "fewer_groups_than_ranks", .batch_size = 10},
                                         Case{.name = "augmented", .frozen = true, .mixes = true},
                                         Case{.name = "weights_of_classes", .weighs = true},
                                         Case{.name = "frozen_base", .frozen_base = true},
                                         Case{.name = "exchange_in_16_bits", .bfloat16 = true}),
                         [](const auto& of) { return of.param.name; });

TEST(RanksTraining, SixteenBitsChangeLittle) {
  const Case exact{.name = "exact"};
  Case rounded = exact;
  rounded.bfloat16 = true;
  const RanksOutcome one = train(exact, cluster::single_process());
  const RanksOutcome other = train(rounded, cluster::single_process());
  EXPECT_NE(one.weights, other.weights);
  ASSERT_EQ(one.figures.size(), other.figures.size());
  for (std::size_t i = 0; i < one.figures.size(); ++i) EXPECT_NEAR(one.figures[i], other.figures[i], 0.15);
}

/// Groups are another order of the same sums: without random numbers the results are close to those of fit()
/// without ranks.
TEST(RanksTraining, IsCloseToWholeBatches) {
  const auto fit = [](std::shared_ptr<cluster::Communicator> ranks) {
    const SymbolicTensor input = Input({8, 8, 3}, "image");
    SymbolicTensor x = layers::Conv2D({.filters = 4, .kernel_size = 3, .activation = "relu"})(input);
    x = layers::GlobalAveragePooling2D()(x);
    Model model(input, layers::Dense({.units = 3})(x));
    Rng rng(1);
    for (const VariablePtr& weight : model.weights())
      for (float& value : weight->mutable_value().data()) value = static_cast<float>(rng.uniform(-0.3, 0.3));
    model.compile({.optimizer = SGD({.learning_rate = 0.1}),
                   .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
    const data::Dataset data = samples(77, 32, data::LabelMode::integer);
    const History history =
        model.fit(data, {.epochs = 3, .validation_data = data, .class_weight = {{1, 2.0}}, .ranks = ranks});
    return std::pair{history["loss"].back(), history["val_accuracy"].back()};
  };
  const auto whole = fit(nullptr);
  const auto groups = fit(cluster::single_process());
  EXPECT_NEAR(groups.first, whole.first, 1e-5);
  EXPECT_NEAR(groups.second, whole.second, 0.02);
}

/// What fit() makes of the statistics and weights of a network with BatchNormalization that trains, nothing
/// random.
std::vector<std::vector<float>> normalized(std::int64_t batch_size, std::int64_t steps,
                                           std::shared_ptr<cluster::Communicator> ranks) {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  SymbolicTensor x = layers::Conv2D({.filters = 4, .kernel_size = 3, .name = "conv"})(input);
  x = layers::BatchNormalization({.momentum = 0.5, .name = "bn"})(x);
  x = layers::GlobalAveragePooling2D({.name = "gap"})(layers::ReLU({.name = "relu"})(x));
  Model model(input, layers::Dense({.units = 3, .name = "head"})(x));
  model.compile({.optimizer = SGD({.learning_rate = 0.1}),
                 .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  (void)model.fit(samples(16, batch_size, data::LabelMode::integer),
                  {.epochs = 1, .steps_per_epoch = steps, .execution = {.threads = 1}, .ranks = ranks});
  std::vector<std::vector<float>> weights;
  for (const VariablePtr& weight : model.weights()) {
    const auto values = std::as_const(*weight).value().data();
    weights.emplace_back(values.begin(), values.end());
  }
  return weights;
}

TEST(RanksTraining, AGroupNormalizesAsABatchOfItsSize) {
  EXPECT_EQ(normalized(8, 2, cluster::single_process()), normalized(8, 2, nullptr));
}

TEST(RanksTraining, MovingMeanIsTheMeanOverTheGroups) {
  const auto whole = normalized(16, 1, nullptr);
  const auto groups = normalized(16, 1, cluster::single_process());
  ASSERT_EQ(whole.size(), 8U);  // conv/kernel, conv/bias, bn/gamma, bn/beta, bn/moving_mean, ...
  for (std::size_t i = 0; i < whole[4].size(); ++i) {
    EXPECT_NEAR(groups[4][i], whole[4][i], 1e-6);
    EXPECT_NE(groups[4][i], 0);
  }
}

TEST(RanksTraining, MovingStatisticsAreNotRounded) {
  const SymbolicTensor input = Input({8, 8, 3}, "image");
  const SymbolicTensor x = layers::BatchNormalization({.momentum = 0.5, .name = "bn"})(input);
  Model model(input, layers::Dense({.units = 3})(layers::GlobalAveragePooling2D()(x)));
  model.compile({.optimizer = SGD(), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  (void)model.fit(samples(16, 16, data::LabelMode::integer),
                  {.ranks = cluster::single_process(), .bfloat16_exchange = true});
  for (const float value : std::as_const(*model.get_layer("bn").weights()[3]).value().data()) {
    EXPECT_NE(std::bit_cast<std::uint32_t>(value) & 0xFFFFU, 0U) << value;
  }
}

TEST(RanksTraining, EvaluateIsDivided) {
  std::vector<EvaluateResult> results(3);
  const data::Dataset data = samples(77, 32, data::LabelMode::integer);
  const auto evaluate = [&](std::shared_ptr<cluster::Communicator> ranks) {
    Model model = network(false);
    model.compile({.optimizer = SGD(),
                   .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
    return model.evaluate(data, {.ranks = std::move(ranks)});
  };
  const EvaluateResult alone = evaluate(nullptr);
  const EvaluateResult one = evaluate(cluster::single_process());
  cluster::run_ranks(3, [&](cluster::Communicator& ranks) {
    results[static_cast<std::size_t>(ranks.rank())] = evaluate(shared(ranks));
  });
  EXPECT_NEAR(one.loss, alone.loss, 1e-5);
  EXPECT_EQ(one.samples, 77);
  for (const EvaluateResult& result : results) {
    EXPECT_EQ(result.loss, one.loss);
    EXPECT_EQ(result.accuracy, alone.accuracy);
    EXPECT_EQ(result.samples, 77);
  }
}

std::string message_of(const std::function<void(cluster::Communicator&)>& body) {
  try {
    cluster::run_ranks(3, body);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(RanksTraining, RefusesOtherSettingsOnOneRank) {
  const std::string message = message_of([](cluster::Communicator& ranks) {
    Case with{.name = "other"};
    with.batch_size = ranks.rank() == 1 ? 16 : 32;
    (void)train(with, shared(ranks));
  });
  EXPECT_NE(message.find("rank 1 of 3 on thread 1 differs from rank 0"), std::string::npos) << message;
  EXPECT_NE(message.find("batch size: 16 in place of 32"), std::string::npos) << message;
}

/// Throws in the second step of one rank.
class Fails final : public Callback {
 public:
  explicit Fails(bool here) : here_(here) {}
  void on_batch_end(TrainingState& state) override {
    if (here_ && state.batch == 2) fail(ErrorKind::io, "cannot read daisy/1.jpg");
  }

 private:
  bool here_;
};

TEST(RanksTraining, ARankThatFailsEndsAll) {
  const std::string message = message_of([](cluster::Communicator& ranks) {
    Model model = network(false);
    model.compile({.optimizer = SGD(), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
    (void)model.fit(
        samples(77, 32, data::LabelMode::integer),
        {.epochs = 2, .callbacks = {std::make_shared<Fails>(ranks.rank() == 2)}, .ranks = shared(ranks)});
  });
  EXPECT_EQ(message, "cannot read daisy/1.jpg");
}

}  // namespace
}  // namespace graft
