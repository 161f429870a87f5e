// SPDX-License-Identifier: Apache-2.0
// fit() as a whole: options, callbacks, and resuming after a stop at any step.
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/random.hpp"
#include "graft/layers.hpp"
#include "graft/training.hpp"
#include "graft/training/backup.hpp"

#include "support.hpp"

namespace graft {
namespace {

constexpr std::int64_t kSamples = 22;

/// A frozen and a trainable layer, BatchNormalization and Dropout: all kinds of state.
Model small_model(const OptimizerPtr& optimizer) {
  clear_session();
  set_random_seed(7);
  const SymbolicTensor input = Input({4}, "input");
  const Layer frozen = layers::Dense({.units = 6, .activation = "relu", .name = "frozen"});
  SymbolicTensor x = frozen(input);
  x = layers::Dense({.units = 6, .name = "hidden"})(x);
  x = layers::BatchNormalization({.name = "bn"})(x);
  x = layers::Dropout({.rate = 0.3, .name = "dropout"})(x);
  Model model(input, layers::Dense({.units = 3, .activation = "softmax", .name = "out"})(x));
  Layer(frozen).set_trainable(false);
  model.compile({.optimizer = optimizer,
                 .loss = SparseCategoricalCrossentropy(),
                 .metrics = {"accuracy", SparseTopKCategoricalAccuracy({.k = 2, .name = "top2"})}});
  return model;
}

data::Dataset samples(bool shuffle = true) {
  Rng rng(3);
  Tensor x({kSamples, 4});
  Tensor y({kSamples}, DType::int32);
  for (float& value : x.data()) value = static_cast<float>(rng.uniform(-1, 1));
  for (std::int32_t& label : y.data<std::int32_t>()) label = static_cast<std::int32_t>(rng.below(3));
  return data::Dataset::from_tensors(x, y, {.batch_size = 4, .shuffle = shuffle, .seed = 5});
}

/// Rows [begin, end) of samples(), as one batch.
data::Batch batch_of(std::int64_t begin, std::int64_t end) {
  std::vector<std::size_t> rows;
  for (std::int64_t row = begin; row < end; ++row) rows.push_back(static_cast<std::size_t>(row));
  return samples(false).gather(rows);
}

std::vector<std::vector<float>> values_of(const Model& model) {
  std::vector<std::vector<float>> values;
  for (const VariablePtr& weight : model.weights()) {
    const auto data = std::as_const(weight->value()).data<float>();
    values.emplace_back(data.begin(), data.end());
  }
  return values;
}

FitOptions with_validation(std::int64_t epochs, std::vector<CallbackPtr> callbacks = {}) {
  return {.epochs = epochs, .validation_data = samples(false), .callbacks = std::move(callbacks)};
}

std::vector<std::string> keys(const EpochLog& log) {
  std::vector<std::string> names;
  for (const auto& [name, value] : log.values) names.push_back(name);
  return names;
}

TEST(Fit, HistoryHasKerassKeysInKerassOrder) {
  Model model = small_model(Adam());
  const auto before = values_of(model);
  const History history =
      model.fit(samples(), with_validation(2, {LearningRateScheduler([](std::int64_t epoch, double rate) {
                                             return epoch == 1 ? rate / 2 : rate;
                                           })}));
  ASSERT_EQ(history.epochs().size(), 2U);
  EXPECT_EQ(keys(history.epochs()[0]), (std::vector<std::string>{"accuracy", "loss", "top2", "val_accuracy",
                                                                 "val_loss", "val_top2", "learning_rate"}));
  EXPECT_FLOAT_EQ(static_cast<float>(history["learning_rate"][1]), 0.0005F);
  // A name that was not recorded is an error, not an empty list.
  try {
    (void)history["val_acc"];
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("val_accuracy"), std::string::npos) << error.what();
  }
  const auto after = values_of(model);
  EXPECT_EQ(after[0], before[0]) << "frozen weights stay bit-equal";
  EXPECT_EQ(after[1], before[1]);
  EXPECT_NE(after[2], before[2]);
  const EvaluateResult result = model.evaluate(samples(false));
  EXPECT_EQ(result.figures.size(), 3U);
  EXPECT_EQ(result.samples, kSamples);
  EXPECT_DOUBLE_EQ(result.loss, history["val_loss"][1]);
}

/// Changes a weight that does not train.
class Meddler final : public Callback {
 public:
  void on_epoch_begin(TrainingState& state) override {
    if (state.epoch == 2) state.model.get_layer("frozen").weights()[0]->mutable_value().data()[0] += 0.5F;
  }
};

TEST(Fit, CachingResultsOfFrozenLayersChangesNothing) {
  for (const bool meddle : {false, true}) {
    std::vector<std::vector<std::vector<float>>> weights;
    std::vector<std::vector<double>> losses;
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{1} << 20}) {
      Model model = small_model(Adam());
      FitOptions options = with_validation(5);
      options.cache_bytes = bytes;
      if (meddle) options.callbacks.push_back(std::make_shared<Meddler>());
      const History history = model.fit(samples(), options);
      EXPECT_DOUBLE_EQ(model.evaluate(samples(false)).loss, history["val_loss"][4]);
      weights.push_back(values_of(model));
      losses.push_back(history["val_loss"]);
    }
    EXPECT_EQ(weights[0], weights[1]);
    EXPECT_EQ(losses[0], losses[1]);
  }
}

TEST(Fit, CachedValidationKeepsItsSampleWeights) {
  Tensor weights({kSamples});
  for (std::size_t i = 0; i < kSamples; ++i) weights.data()[i] = static_cast<float>(1 + i % 3);
  std::vector<std::vector<double>> losses;
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1} << 20}) {
    Model model = small_model(Adam());
    const History history = model.fit(
        samples(), {.epochs = 3, .validation_split = 0.4, .sample_weight = weights, .cache_bytes = bytes});
    losses.push_back(history["val_loss"]);
  }
  EXPECT_EQ(losses[0], losses[1]);
}

/// Weights and history of a run that is stopped after `stop` batches and then resumed with a new model.
struct Outcome {
  std::vector<std::vector<float>> weights;
  std::vector<double> losses, accuracies;
};

std::vector<CallbackPtr> usual_callbacks() {
  return {EarlyStopping({.monitor = "val_loss", .patience = 2, .restore_best_weights = true}),
          ReduceLROnPlateau({.monitor = "val_loss", .factor = 0.5, .patience = 1})};
}

Outcome run(const std::filesystem::path& file, std::int64_t stop, std::int64_t every) {
  struct Killed {};
  for (const bool resumed : {false, true}) {
    Model model = small_model(
        Adam({.learning_rate = 0.05, .shared = {.use_ema = true, .gradient_accumulation_steps = 2}}));
    std::vector<CallbackPtr> callbacks = usual_callbacks();
    callbacks.reserve(4);  // g++ 12 warns of the growing vector
    std::int64_t batches = 0;
    callbacks.push_back(LambdaCallback({.on_batch_end = [&](TrainingState&) {
      if (!resumed && ++batches == stop) throw Killed{};
    }}));
    callbacks.push_back(BackupAndRestore({.file = file, .save_freq = every}));
    try {
      const History history = model.fit(samples(), with_validation(5, callbacks));
      return {values_of(model), history["val_loss"], history["accuracy"]};
    } catch (const Killed&) {
    }
  }
  return {};
}

TEST(Fit, GoesOnAfterAKillAtAnyStepBitByBit) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "deep" / "run.state";
  const Outcome undisturbed = run(file, -1, 1);
  EXPECT_FALSE(std::filesystem::exists(file)) << "a completed run leaves no state";
  ASSERT_GT(undisturbed.losses.size(), 2U);
  for (const std::int64_t every : {1, 3}) {
    for (std::int64_t stop = 1; stop < static_cast<std::int64_t>(undisturbed.losses.size()) * 6; ++stop) {
      SCOPED_TRACE(cat("killed at step ", stop, ", saved every ", every));
      const Outcome outcome = run(file, stop, every);
      EXPECT_EQ(outcome.weights, undisturbed.weights);
      EXPECT_EQ(outcome.losses, undisturbed.losses);
      EXPECT_EQ(outcome.accuracies, undisturbed.accuracies);
    }
  }
}

TEST(Fit, ADamagedStateIsRefused) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "run.state";
  StateBag bag;
  (*bag.facts)["a"] = 1;
  bag.tensors["t"] = Tensor::full({3}, 2);
  write_state(file, bag);
  EXPECT_EQ(read_state(file).tensors.at("t").data()[2], 2);
  std::ifstream in(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string broken = bytes;
    broken[i] = static_cast<char>(broken[i] ^ 0x10);
    write_file_atomically(file, broken);
    EXPECT_THROW((void)read_state(file), Error) << i;
    write_file_atomically(file, bytes.substr(0, i));
    EXPECT_THROW((void)read_state(file), Error) << i;
  }
  write_file_atomically(file, bytes);
  Model model = small_model(SGD());
  EXPECT_THROW(model.fit(samples(), {.callbacks = {BackupAndRestore({.file = file})}}), Error);
}

TEST(Fit, NothingToTrainIsAnError) {
  Model model = test::small_trainee();
  model.set_trainable(false);
  model.compile("sgd", SparseCategoricalCrossentropy({.from_logits = true}), {});
  EXPECT_THROW(model.fit(samples()), Error);
}

TEST(Fit, SplitsCountsAndWeighs) {
  Model model = small_model(SGD());
  std::vector<std::size_t> batches;
  const auto watch =
      LambdaCallback({.on_train_end = [&](TrainingState& s) { batches.push_back(s.batches); }});
  const History split = model.fit(
      samples(), {.epochs = 4, .validation_split = 0.25, .validation_freq = 2, .callbacks = {watch}});
  EXPECT_EQ(split["val_loss"].size(), 2U);
  EXPECT_EQ(batches.back(), 4U);  // floor(22 * 0.75) = 16 samples
  const History steps =
      model.fit(samples(), {.epochs = 3, .initial_epoch = 1, .steps_per_epoch = 4, .callbacks = {watch}});
  EXPECT_EQ(steps.epochs().size(), 2U);
  EXPECT_EQ(steps.epochs()[0].epoch, 1);
  EXPECT_EQ(batches.back(), 4U);
  model.fit(samples(),
            {.epochs = 1, .validation_data = samples(), .validation_split = 0.25, .callbacks = {watch}});
  EXPECT_EQ(batches.back(), 6U);  // all 22 samples train: validation_data overrides the split, as in Keras
  EXPECT_THROW(model.fit(samples(), {.validation_split = 1}), Error);
  EXPECT_THROW(model.fit(samples(), {.sample_weight = Tensor({3})}), Error);

  Tensor weights({kSamples});
  const std::vector<int> labels = samples().labels();
  for (std::size_t i = 0; i < labels.size(); ++i) weights.data()[i] = labels[i] == 1 ? 3.0F : 1.0F;
  Model by_class = small_model(SGD());
  by_class.fit(samples(), {.epochs = 2, .class_weight = {{1, 3.0}}});
  Model by_sample = small_model(SGD());
  by_sample.fit(samples(), {.epochs = 2, .sample_weight = weights});
  Model plain = small_model(SGD());
  plain.fit(samples(), {.epochs = 2});
  EXPECT_EQ(values_of(by_class), values_of(by_sample));
  EXPECT_NE(values_of(by_class), values_of(plain));
}

TEST(Fit, NotANumberIsAnErrorOrEndsTraining) {
  const auto poison = [](Model& model) {
    model.get_layer("hidden").weights()[0]->assign(
        Tensor::full({6, 6}, std::numeric_limits<float>::quiet_NaN()));
  };
  Model model = small_model(SGD());
  poison(model);
  EXPECT_THROW(model.fit(samples(), {}), Error);
  const auto out = values_of(model);
  const History history = model.fit(samples(), {.epochs = 3, .callbacks = {TerminateOnNaN()}});
  EXPECT_EQ(history.epochs().size(), 1U);
  EXPECT_EQ(values_of(model).back(), out.back()) << "no step is taken with a loss that is no number";
}

/// What a callback decides on a sequence of figures, with the learning rates of the epochs.
std::vector<double> rates_for(const CallbackPtr& callback, const std::vector<double>& figures) {
  Model model = small_model(SGD({.learning_rate = 1}));
  const auto feed = LambdaCallback({.on_epoch_end = [&](TrainingState& state, EpochLog& log) {
    for (auto& [name, value] : log.values) {
      if (name == "loss") value = figures[static_cast<std::size_t>(state.epoch)];
    }
  }});
  const History history = model.fit(
      samples(), {.epochs = static_cast<std::int64_t>(figures.size()),
                  .steps_per_epoch = 1,
                  .callbacks = {feed, LearningRateScheduler([](auto, double r) { return r; }), callback}});
  return history["learning_rate"];
}

// The sequences are what Keras 3.15's callbacks do with these figures.
TEST(Fit, EarlyStoppingWaitsAsKeras) {
  const auto epochs = [](const EarlyStoppingOptions& options, const std::vector<double>& figures) {
    return rates_for(EarlyStopping(options), figures).size();
  };
  EXPECT_EQ(epochs({.monitor = "loss"}, {3, 4, 5}), 2U);
  EXPECT_EQ(epochs({.monitor = "loss", .patience = 2}, {3, 4, 2, 4, 4, 4, 1}), 5U);
  EXPECT_EQ(epochs({.monitor = "loss", .min_delta = 0.5, .patience = 1}, {3, 2.8, 2.7, 2}), 2U);
  EXPECT_EQ(epochs({.monitor = "loss", .patience = 1, .start_from_epoch = 3}, {3, 4, 5, 6, 7, 8}), 5U);
  EXPECT_EQ(epochs({.monitor = "loss", .patience = 2, .baseline = 1.0}, {3, 2, 1.5, 1.4, 1.3}), 5U);
  EXPECT_EQ(epochs({.monitor = "loss", .patience = 2, .baseline = 1.0}, {3, 2, 1.5, 1.6, 1.3}), 4U);
  EXPECT_EQ(epochs({.monitor = "loss", .mode = Monitor::max}, {3, 4, 5, 4}), 4U);
  EXPECT_THROW((void)EarlyStopping({.monitor = "wobble"}), Error);
  EXPECT_THROW(rates_for(EarlyStopping(), {1, 1}), Error) << "there is no val_loss";
}

TEST(Fit, ReduceLROnPlateauReducesAsKeras) {
  const auto rates = rates_for(
      ReduceLROnPlateau({.monitor = "loss", .factor = 0.5, .patience = 2, .cooldown = 1, .min_lr = 0.2}),
      {3, 3, 3, 3, 3, 3, 3, 3, 3, 3});
  EXPECT_EQ(rates.front(), 1);
  EXPECT_EQ(rates[3], 0.5);
  EXPECT_EQ(rates.back(), static_cast<double>(0.2F));
  Model model = small_model(SGD({.learning_rate = CosineDecay({})}));
  EXPECT_THROW(model.fit(samples(), {.callbacks = {ReduceLROnPlateau({.monitor = "loss"})}}), Error);
}

TEST(Fit, MetricsFollowTheModelsEnd) {
  clear_session();
  const SymbolicTensor input = Input({4}, "input");
  Model model(input, layers::Dense({.units = 3, .activation = "softmax", .name = "out"})(input));
  const auto dataset =
      samples(false).with_options({.batch_size = 8, .label_mode = data::LabelMode::categorical});
  model.compile({.optimizer = SGD(), .loss = CategoricalCrossentropy(), .metrics = {"mse", "acc", AUC()}});
  const EvaluateResult all = model.evaluate(dataset);
  const Tensor p = model.predict(dataset);
  Tensor labels({kSamples, 3});
  for (std::size_t i = 0; i < static_cast<std::size_t>(kSamples); ++i)
    labels.data()[3 * i + static_cast<std::size_t>(dataset.labels()[i])] = 1;
  const Tensor none;
  for (const MetricPtr& metric : {MeanLoss(MeanSquaredError()), CategoricalAccuracy("acc"), AUC()}) {
    metric->update({p, labels, none});
    const auto* found = &all.figures.front();
    for (const auto& figure : all.figures) {
      if (figure.first == metric->name()) found = &figure;
    }
    EXPECT_EQ(found->first, metric->name());
    EXPECT_NEAR(found->second, metric->result(), 1e-6);
  }
  EXPECT_THROW(model.compile({.optimizer = SGD(), .loss = MeanSquaredError(), .metrics = {AUC(), AUC()}}),
               Error);
}

TEST(OneBatch, TestAndPredictAsOverADataSet) {
  Model model = small_model(SGD());
  const data::Batch batch = batch_of(4, 10);
  const EvaluateResult tested = model.test_on_batch(batch.images, batch.labels);
  const auto alone = data::Dataset::from_tensors(batch.images, batch.labels, {.batch_size = 6});
  const EvaluateResult evaluated = model.evaluate(alone);
  EXPECT_EQ(tested.samples, 6);
  EXPECT_EQ(tested.loss, evaluated.loss);
  EXPECT_EQ(tested.figures, evaluated.figures);
  // Only the second of two batches counts.
  EXPECT_EQ(model.test_on_batch(batch.images, batch.labels).loss, tested.loss);
  Tensor first_alone = Tensor({6});
  first_alone.data<float>()[0] = 6;
  EXPECT_NEAR(model.test_on_batch(batch.images, batch.labels, first_alone).loss,
              model.test_on_batch(batch.images.slice(0, 1), batch.labels.slice(0, 1)).loss, 1e-6);

  const Tensor whole = model.predict(batch.images);
  const Tensor one = model.predict_on_batch(batch.images);
  ASSERT_EQ(one.shape(), whole.shape());
  EXPECT_LE(test::max_difference(one.data<float>(), whole.data<float>()), 1e-6);
}

TEST(Predict, TakesSoManySteps) {
  Model model = small_model(SGD());
  const Tensor all = model.predict(samples(false));
  EXPECT_EQ(all.shape()[0], kSamples);
  for (const auto& [steps, rows] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{2, 8}, {6, 22}, {99, 22}}) {
    const Tensor some = model.predict(samples(false), {.steps = steps});
    ASSERT_EQ(some.shape()[0], rows);
    EXPECT_EQ(test::max_difference(some.data<float>(), all.slice(0, rows).data<float>()), 0.0);
  }
  EXPECT_THROW((void)model.predict(samples(false), {.steps = 0}), Error);
  // Rows are in the order of the labels, also of a shuffled data set.
  EXPECT_EQ(test::max_difference(model.predict(samples(true)).data<float>(), all.data<float>()), 0.0);
}

}  // namespace
}  // namespace graft
