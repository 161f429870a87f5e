// SPDX-License-Identifier: Apache-2.0
// Callbacks that change the learning rate between epochs.
#include <algorithm>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "training/callbacks/monitor.hpp"

namespace graft {
namespace {

void refuse_schedule(const TrainingState& state, const char* callback) {
  if (!state.optimizer.has_schedule()) return;
  fail(ErrorKind::invalid_argument, callback,
       ": the optimizer's learning rate is a schedule, which callbacks cannot ",
       "change; give the optimizer a number");
}

void log_rate(const TrainingState& state, EpochLog& log) {
  if (log.find("learning_rate") == nullptr)
    log.values.emplace_back("learning_rate", state.optimizer.learning_rate());
}

class ReduceLROnPlateauCallback final : public Callback {
 public:
  explicit ReduceLROnPlateauCallback(const ReduceLROnPlateauOptions& options)
      : options_(options),
        monitor_({.callback = "ReduceLROnPlateau",
                  .figure = options.monitor,
                  .mode = options.mode,
                  .min_delta = options.min_delta}) {
    if (!(options.factor < 1))
      fail(ErrorKind::invalid_argument, "ReduceLROnPlateau: factor: expected below 1, received ",
           options.factor);
  }

  void on_train_begin(TrainingState& state) override {
    refuse_schedule(state, "ReduceLROnPlateau");
    best_.reset();
    cooldown_ = waited_ = 0;
  }

  void on_epoch_end(TrainingState& state, EpochLog& log) override {
    log_rate(state, log);
    const double value = monitor_.read(log);
    if (cooldown_ > 0) {
      --cooldown_;
      waited_ = 0;
    }
    if (monitor_.improves(value, best_)) {
      best_ = value;
      waited_ = 0;
    } else if (cooldown_ == 0 && ++waited_ >= options_.patience) {
      reduce(state.optimizer);
    }
  }

  void save_state(StateBag& bag) const override {
    *bag.facts = {{"best", training::optional_json(best_)}, {"cooldown", cooldown_}, {"waited", waited_}};
  }
  void load_state(const StateBag& bag) override {
    best_ = training::optional_from(bag.facts->at("best"));
    cooldown_ = bag.facts->at("cooldown").get<std::int64_t>();
    waited_ = bag.facts->at("waited").get<std::int64_t>();
  }

 private:
  void reduce(Optimizer& optimizer) {
    const double rate = optimizer.learning_rate();
    if (rate <= static_cast<double>(static_cast<float>(options_.min_lr))) return;
    optimizer.set_learning_rate(std::max(rate * options_.factor, options_.min_lr));
    cooldown_ = options_.cooldown;
    waited_ = 0;
  }

  ReduceLROnPlateauOptions options_;
  training::FigureMonitor monitor_;
  std::optional<double> best_;
  std::int64_t cooldown_ = 0, waited_ = 0;
};

class LearningRateSchedulerCallback final : public Callback {
 public:
  explicit LearningRateSchedulerCallback(std::function<double(std::int64_t, double)> schedule)
      : schedule_(std::move(schedule)) {}

  void on_train_begin(TrainingState& state) override { refuse_schedule(state, "LearningRateScheduler"); }
  void on_epoch_begin(TrainingState& state) override {
    state.optimizer.set_learning_rate(schedule_(state.epoch, state.optimizer.learning_rate()));
  }
  void on_epoch_end(TrainingState& state, EpochLog& log) override { log_rate(state, log); }

 private:
  std::function<double(std::int64_t, double)> schedule_;
};

}  // namespace

CallbackPtr ReduceLROnPlateau(const ReduceLROnPlateauOptions& options) {
  return std::make_shared<ReduceLROnPlateauCallback>(options);
}

CallbackPtr LearningRateScheduler(std::function<double(std::int64_t, double)> schedule) {
  return std::make_shared<LearningRateSchedulerCallback>(std::move(schedule));
}

}  // namespace graft
