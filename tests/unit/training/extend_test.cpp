// SPDX-License-Identifier: Apache-2.0
// Losses, metrics and optimizers of a program's own: they train, and files that name them load.
#include <thread>

#include <gtest/gtest.h>

#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/extend/loss.hpp"
#include "graft/extend/metric.hpp"
#include "graft/extend/optimizer.hpp"
#include "graft/saving.hpp"
#include "graft/training/configs.hpp"

#include "small_trainee.hpp"

namespace graft {
namespace {

/// mean scale (y - p)^2 / 2 over all elements.
class ScaledLoss final : public Loss {
 public:
  explicit ScaledLoss(double scale) : scale_(scale) {}
  [[nodiscard]] double compute(const LossInput& input, Tensor* gradient) const override {
    const auto p = input.predictions.data<float>();
    const auto y = input.labels.data<float>();
    const auto count = static_cast<double>(p.size());
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const double gap = p[i] - y[i];
      sum += scale_ * gap * gap / 2;
      if (gradient != nullptr) gradient->data<float>()[i] = static_cast<float>(scale_ * gap / count);
    }
    return sum / count;
  }
  [[nodiscard]] Json config() const override {
    return serialised("ScaledLoss", {{"name", "scaled_loss"}, {"scale", scale_}});
  }

 private:
  double scale_;
};

/// The largest output so far.
class LargestOutput final : public Metric {
 public:
  LargestOutput() : Metric("largest_output") {}
  void reset() override { most_ = 0; }
  void update(const MetricInput& input) override {
    for (const float x : input.predictions.data<float>()) most_ = std::max(most_, static_cast<double>(x));
  }
  [[nodiscard]] double result() const override { return most_; }
  [[nodiscard]] std::vector<double> state() const override { return {most_}; }
  void set_state(std::span<const double> state) override { most_ = state.empty() ? 0 : state[0]; }
  [[nodiscard]] Json config() const override { return serialised("LargestOutput", {{"name", name()}}); }

 private:
  double most_ = 0;
};

/// w -= lr sign(m), m = decay m + g.
class SignMomentum final : public Optimizer {
 public:
  SignMomentum(LearningRate rate, double decay, OptimizerOptions shared = {})
      : Optimizer("SignMomentum", std::move(rate), std::move(shared)), decay_(decay) {}

 protected:
  [[nodiscard]] std::vector<Slot> slots() const override { return {{.name = "momentum"}}; }
  void update(const Step& step) const override {
    for (std::size_t i = 0; i < step.count; ++i) {
      float& m = step.slots[0][i];
      m = static_cast<float>(decay_) * m + step.gradient[i];
      step.weight[i] -= m > 0 ? step.learning_rate : m < 0 ? -step.learning_rate : 0.0F;
    }
  }
  [[nodiscard]] Json own_config() const override { return {{"decay", decay_}}; }

 private:
  double decay_;
};

void register_all() {
  static const bool once = [] {
    register_loss("ScaledLoss", [](const Json& config) -> LossPtr {
      return std::make_shared<ScaledLoss>(config.value("scale", 1.0));
    });
    register_metric("LargestOutput",
                    [](const Json&) -> MetricPtr { return std::make_shared<LargestOutput>(); });
    register_optimizer("SignMomentum", [](const OptimizerConfig& given) -> OptimizerPtr {
      return std::make_shared<SignMomentum>(given.learning_rate.value_or(0.01),
                                            given.config.value("decay", 0.9), given.shared);
    });
    return true;
  }();
  static_cast<void>(once);
}

double own_step(Model& model, int number) {
  Tensor images({4, 8, 8, 3});
  Tensor labels({4, 3});
  const std::vector<double> u = test::u01("images" + std::to_string(number), images.data().size());
  for (std::size_t i = 0; i < u.size(); ++i) images.data()[i] = static_cast<float>(2 * u[i] - 1);
  for (std::size_t i = 0; i < 12; ++i) labels.data()[i] = static_cast<float>(u[i]);
  return model.train_on_batch(images, labels);
}

TEST(Extend, ACompiledModelWithOwnClassesIsSavedLoadedAndResumedBitByBit) {
  register_all();
  for (const char* name : {"model.keras", "model.h5"}) {
    const test::TemporaryFolder folder;
    Model model = test::small_trainee();
    model.compile(
        {.optimizer = std::make_shared<SignMomentum>(0.01, 0.5, OptimizerOptions{.weight_decay = 0.1}),
         .loss = std::make_shared<ScaledLoss>(3.0),
         .metrics = {MetricPtr(std::make_shared<LargestOutput>())}});
    for (int i = 0; i < 3; ++i) (void)own_step(model, i);
    model.save(folder.path() / name);
    saving::LoadedModel loaded = saving::load_model(folder.path() / name);
    compile_from_config(loaded.model, loaded.compile_config, loaded.optimizer);
    for (int i = 3; i < 6; ++i) EXPECT_EQ(own_step(model, i), own_step(loaded.model, i)) << name;
  }
}

TEST(Extend, ConfigsOfOwnClassesComeBack) {
  register_all();
  const SignMomentum optimizer(0.25, 0.75, {.clipnorm = 2.0});
  const Json config = optimizer.config();
  EXPECT_EQ(config.at("registered_name"), "Custom>SignMomentum");
  EXPECT_EQ(optimizer_from_config(config)->config(), config);
  const Json loss = ScaledLoss(2.5).config();
  EXPECT_EQ(loss_from_config(loss)->config(), loss);
  EXPECT_EQ(metric_from_config(LargestOutput().config())->name(), "largest_output");
  EXPECT_EQ(metric_from_name("LargestOutput")->name(), "largest_output");
}

TEST(Extend, NamesThatAreTakenAreRefused) {
  register_all();
  const auto loss = [](const Json&) { return MeanSquaredError(); };
  const auto metric = [](const Json&) { return AUC(); };
  const auto optimizer = [](const OptimizerConfig&) { return SGD(); };
  for (const char* name : {"ScaledLoss", "Hinge", "mse", ""})
    EXPECT_THROW(register_loss(name, loss), Error) << name;
  for (const char* name : {"LargestOutput", "AUC", "accuracy", "Hinge"})
    EXPECT_THROW(register_metric(name, metric), Error) << name;
  for (const char* name : {"SignMomentum", "Adam", "adam"})
    EXPECT_THROW(register_optimizer(name, optimizer), Error) << name;
  EXPECT_THROW(register_loss("Null", nullptr), Error);
}

TEST(Extend, ThreadsMayRegisterAtTheSameTime) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int k = 0; k < 50; ++k) {
        register_loss("Loss" + std::to_string(i) + "_" + std::to_string(k),
                      [](const Json&) { return MeanSquaredError(); });
        static_cast<void>(loss_from_name("mse"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(loss_from_name("Loss3_49"), nullptr);
}

}  // namespace
}  // namespace graft
