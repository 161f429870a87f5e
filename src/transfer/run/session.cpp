// SPDX-License-Identifier: Apache-2.0
#include "transfer/run/session.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/freed_memory.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "transfer/features/features.hpp"

namespace graft::transfer {
namespace {

class EpochReporter final : public Callback {
 public:
  EpochReporter(Reporter& reporter, Json& history, std::string phase, std::int64_t last_epoch)
      : reporter_(reporter), history_(history), phase_(std::move(phase)), last_epoch_(last_epoch) {}

  void on_train_begin(TrainingState& state) override { keep(state, "from before this phase"); }
  /// On going on: the weights are those of the saved state.
  void load_state(const StateBag& bag) override {
    (void)bag;
    resumed_ = true;
  }
  [[nodiscard]] bool handles_nan() const override { return true; }

  void on_batch_begin(TrainingState& state) override {
    if (resumed_) keep(state, "from where the run went on");
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
    Json row{{"epoch", state.epoch + 1}, {"phase", phase_}};
    for (const auto& [name, value] : log.values) row[name] = value;
    history_.push_back(row);
    std::string line = cat("  ", phase_, " epoch ", state.epoch + 1, "/", last_epoch_);
    if (const double* loss = log.find("loss")) line += cat("  loss ", *loss);
    if (const double* accuracy = log.find("val_accuracy")) line += "  validation " + percent(*accuracy);
    reporter_.say(line);
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
  Json& history_;
  std::string phase_;
  std::int64_t last_epoch_;
  std::optional<WeightsSnapshot> good_;  ///< the last weights that gave losses that are numbers
  std::string good_of_;
  bool resumed_ = false, broke_down_ = false;
};

}  // namespace

bool Reporter::update(const std::string& stage, std::size_t done, std::size_t total,
                      const std::string& unit) {
  if (options_.progress && !stopped_) {
    stopped_ = !options_.progress({.stage = stage, .done = done, .total = total, .unit = unit, .line = {}});
  }
  return !stopped_;
}

void Reporter::say(const std::string& line) {
  if (options_.progress && !options_.progress({.stage = {}, .unit = {}, .line = line})) stopped_ = true;
}

void Reporter::enter(const std::string& stage) {
  const auto now = std::chrono::steady_clock::now();
  if (!stage_.empty()) {
    const auto known = std::ranges::find(seconds_, stage_, &std::pair<std::string, double>::first);
    auto& entry = known != seconds_.end() ? *known : seconds_.emplace_back(stage_, 0.0);
    entry.second += std::chrono::duration<double>(now - since_).count();
  }
  stage_ = stage;
  since_ = now;
  give_back_freed_memory();  // of the stage before: batches, plans, decoded photos
}

std::optional<double> Reporter::seconds_left() const {
  if (!options_.budget) return std::nullopt;
  return *options_.budget - passed();
}

Json Reporter::seconds() {
  enter("");
  Json all = Json::object();
  for (const auto& [stage, seconds] : seconds_) all[stage] = seconds;
  return all;
}

void Reporter::break_down(const std::string& what) {
  if (broke_down_.empty()) broke_down_ = what;
  say("  " + what);
}

void keep_note(TrainResult& result, Reporter& reporter, const std::string& line) {
  result.notes.push_back(line);
  reporter.say(line);
}

float threshold_of(const Json& metadata) {
  return metadata.is_object() && metadata.value("output", "") == "sigmoid" ? 0.5F : 0.0F;
}

std::vector<int> predicted_classes(const Tensor& output, float threshold) {
  const auto columns = static_cast<std::size_t>(output.shape()[-1]);
  const auto rows = static_cast<std::size_t>(output.shape()[0]);
  std::vector<int> classes;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto scores = output.data<float>().subspan(row * columns, columns);
    if (columns == 1) {
      classes.push_back(scores[0] > threshold ? 1 : 0);
    } else {
      classes.push_back(static_cast<int>(std::ranges::max_element(scores) - scores.begin()));
    }
  }
  return classes;
}

void score_test(TrainResult& result, const Photos& photos) {
  const std::size_t classes = photos.class_names.size();
  result.confusion.assign(classes, std::vector<std::int64_t>(classes, 0));
  const std::vector<int> truth = photos.test.labels();
  const std::vector<int> predicted =
      predicted_classes(predict_test(result.model, photos), threshold_of(result.metadata));
  std::size_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++result.confusion.at(static_cast<std::size_t>(truth[i])).at(static_cast<std::size_t>(predicted[i]));
    if (truth[i] == predicted[i]) ++right;
  }
  result.test_accuracy_interval = wilson_interval(right, truth.size());
  result.test_accuracy =
      static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(truth.size(), 1));
}

CallbackPtr report_epochs(Reporter& reporter, Json& history, const std::string& phase,
                          std::int64_t last_epoch) {
  return std::make_shared<EpochReporter>(reporter, history, phase, last_epoch);
}

}  // namespace graft::transfer
