// SPDX-License-Identifier: Apache-2.0
#include "transfer/context/epoch_reporter.hpp"

#include <cmath>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/training.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/context/stopwatch.hpp"

namespace graft::transfer {
namespace {

class EpochReporter final : public Callback {
 public:
  EpochReporter(Reporter& reporter, std::vector<EpochRow>& history, std::string phase,
                std::int64_t last_epoch)
      : reporter_(reporter), history_(history), phase_(std::move(phase)), last_epoch_(last_epoch) {}

  void on_train_begin(TrainingState& state) override { keep(state, "from before this phase"); }
  /// On resuming: the weights are those of the saved state.
  void load_state(const StateBag& bag) override {
    (void)bag;
    resumed_ = true;
  }
  [[nodiscard]] bool handles_nan() const override { return true; }

  void on_epoch_begin(TrainingState& state) override {
    (void)state;
    clock_ = Stopwatch();
  }

  void on_batch_begin(TrainingState& state) override {
    if (resumed_) keep(state, "at the epoch where the run was resumed");
    resumed_ = false;
  }

  void on_batch_end(TrainingState& state) override {
    if (!std::isfinite(state.batch_loss)) {
      go_back(state, cat("the loss became ", state.batch_loss, " in step ", state.batch, " of epoch ",
                         state.epoch + 1));
      return;
    }
    const std::string stage = cat("epoch ", state.epoch + 1, "/", last_epoch_);
    if (!reporter_.update(stage, state.batch, state.batches, "steps")) state.stop_training = true;
  }

  void on_epoch_end(TrainingState& state, EpochLog& log) override {
    if (broke_down_) return;
    for (const char* name : {"loss", "val_loss"}) {
      const double* value = log.find(name);
      if (value == nullptr || std::isfinite(*value)) continue;
      go_back(state, cat(name, " became ", *value, " in epoch ", state.epoch + 1));
      return;
    }
    keep(state, cat("of epoch ", state.epoch + 1));
    EpochRow row{.epoch = state.epoch + 1, .phase = phase_, .values = {}};
    for (const auto& [name, value] : log.values) row.values.emplace_back(name, value);
    if (log.find("learning_rate") == nullptr)
      row.values.emplace_back("learning_rate", state.optimizer.learning_rate());
    row.seconds = clock_.seconds();
    history_.push_back(std::move(row));
    std::string line = cat("  ", phase_, " epoch ", state.epoch + 1, "/", last_epoch_);
    if (const double* loss = log.find("loss")) line += cat("  loss ", *loss);
    if (const double* accuracy = log.find("val_accuracy")) line += "  validation " + percent(*accuracy);
    reporter_.say(line, history_.back());
  }

 private:
  void keep(const TrainingState& state, const std::string& of) {
    good_.emplace(state.model.weights());
    good_of_ = of;
  }

  void go_back(TrainingState& state, const std::string& what) {
    good_->restore();
    broke_down_ = true;
    state.stop_training = true;
    reporter_.break_down(cat(phase_, ": ", what, "; the weights are those ", good_of_));
  }

  Reporter& reporter_;
  std::vector<EpochRow>& history_;
  std::string phase_;
  std::int64_t last_epoch_;
  std::optional<WeightsSnapshot> good_;  ///< the last weights that gave losses that are numbers
  std::string good_of_;
  bool resumed_ = false, broke_down_ = false;
  Stopwatch clock_;  ///< of the epoch
};

}  // namespace

CallbackPtr report_epochs(Reporter& reporter, std::vector<EpochRow>& history, const std::string& phase,
                          std::int64_t last_epoch) {
  return std::make_shared<EpochReporter>(reporter, history, phase, last_epoch);
}

}  // namespace graft::transfer
