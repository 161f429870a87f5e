// SPDX-License-Identifier: Apache-2.0
// Short callbacks: LambdaCallback, TerminateOnNaN, the progress bar.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "graft/training/callbacks.hpp"

namespace graft {
namespace {

class LambdaCallbackObject final : public Callback {
 public:
  explicit LambdaCallbackObject(LambdaCallbackOptions options) : options_(std::move(options)) {}
  void on_train_begin(TrainingState& state) override { call(options_.on_train_begin, state); }
  void on_train_end(TrainingState& state) override { call(options_.on_train_end, state); }
  void on_epoch_begin(TrainingState& state) override { call(options_.on_epoch_begin, state); }
  void on_batch_begin(TrainingState& state) override { call(options_.on_batch_begin, state); }
  void on_batch_end(TrainingState& state) override { call(options_.on_batch_end, state); }
  void on_epoch_end(TrainingState& state, EpochLog& log) override {
    if (options_.on_epoch_end) options_.on_epoch_end(state, log);
  }

 private:
  static void call(const std::function<void(TrainingState&)>& function, TrainingState& state) {
    if (function) function(state);
  }
  LambdaCallbackOptions options_;
};

class TerminateOnNaNCallback final : public Callback {
 public:
  void on_batch_end(TrainingState& state) override {
    if (!std::isfinite(state.batch_loss)) state.stop_training = true;
  }
  [[nodiscard]] bool handles_nan() const override { return true; }
};

class ProgbarLoggerCallback final : public Callback {
 public:
  explicit ProgbarLoggerCallback(ProgbarOptions options) : options_(std::move(options)) {}

  void on_epoch_begin(TrainingState& state) override {
    show("Epoch " + std::to_string(state.epoch + 1) + "/" + std::to_string(options_.epochs), true);
  }
  void on_batch_end(TrainingState& state) override { show(bar(state) + figure("loss", state.loss), false); }
  void on_epoch_end(TrainingState& state, EpochLog& log) override {
    std::string line = bar(state);
    for (const auto& [name, value] : log.values) line += figure(name, value);
    show(line, true);
  }

 private:
  void show(const std::string& text, bool done) const {
    if (options_.show) options_.show(text, done);
  }

  static std::string bar(const TrainingState& state) {
    constexpr std::size_t kWidth = 20;
    const std::size_t full = state.batch * kWidth / std::max<std::size_t>(state.batches, 1);
    std::string text = std::to_string(state.batch) + "/" + std::to_string(state.batches) + " ";
    for (std::size_t i = 0; i < kWidth; ++i) text += i < full ? "━" : "─";
    return text;
  }

  static std::string figure(const std::string& name, double value) {
    char text[32];
    const bool tiny = value != 0 && std::abs(value) < 1e-3;
    std::snprintf(text, sizeof(text), tiny ? "%.4e" : "%.4f", value);
    return " - " + name + ": " + text;
  }

  ProgbarOptions options_;
};

}  // namespace

CallbackPtr LambdaCallback(LambdaCallbackOptions options) {
  return std::make_shared<LambdaCallbackObject>(std::move(options));
}
CallbackPtr TerminateOnNaN() { return std::make_shared<TerminateOnNaNCallback>(); }
CallbackPtr ProgbarLogger(ProgbarOptions options) {
  return std::make_shared<ProgbarLoggerCallback>(std::move(options));
}

}  // namespace graft
