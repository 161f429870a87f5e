// SPDX-License-Identifier: Apache-2.0
#include "transfer/session.hpp"

#include <algorithm>
#include <cstdio>

#include "graft/base/error.hpp"
#include "graft/base/text.hpp"

namespace graft::transfer {
namespace {

class EpochReporter final : public Callback {
 public:
  EpochReporter(Reporter& reporter, Json& history, std::string phase, std::int64_t last_epoch)
      : reporter_(reporter), history_(history), phase_(std::move(phase)), last_epoch_(last_epoch) {}

  void on_batch_end(TrainingState& state) override {
    const std::string stage = cat("epoch ", state.epoch + 1, "/", last_epoch_);
    if (!reporter_.update(stage, state.batch, state.batches, "steps")) state.stop_training = true;
  }

  void on_epoch_end(TrainingState& state, EpochLog& log) override {
    Json row{{"epoch", state.epoch + 1}, {"phase", phase_}};
    for (const auto& [name, value] : log.values) row[name] = value;
    history_.push_back(row);
    std::string line = cat("  ", phase_, " epoch ", state.epoch + 1, "/", last_epoch_);
    if (const double* loss = log.find("loss")) line += cat("  loss ", *loss);
    if (const double* accuracy = log.find("val_accuracy")) line += "  validation " + percent(*accuracy);
    reporter_.say(line);
  }

 private:
  Reporter& reporter_;
  Json& history_;
  std::string phase_;
  std::int64_t last_epoch_;
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
}

Json Reporter::seconds() {
  enter("");
  Json all = Json::object();
  for (const auto& [stage, seconds] : seconds_) all[stage] = seconds;
  return all;
}

std::vector<int> predicted_classes(const Tensor& output) {
  const auto columns = static_cast<std::size_t>(output.shape()[-1]);
  const auto rows = static_cast<std::size_t>(output.shape()[0]);
  std::vector<int> classes;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto scores = output.data<float>().subspan(row * columns, columns);
    if (columns == 1) {
      classes.push_back(scores[0] > 0 ? 1 : 0);
    } else {
      classes.push_back(static_cast<int>(std::ranges::max_element(scores) - scores.begin()));
    }
  }
  return classes;
}

void score_test(TrainResult& result, const Photos& photos, const Tensor& output) {
  const std::size_t classes = photos.class_names.size();
  result.confusion.assign(classes, std::vector<std::int64_t>(classes, 0));
  const std::vector<int> truth = photos.test.labels();
  const std::vector<int> predicted = predicted_classes(output);
  std::size_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++result.confusion.at(static_cast<std::size_t>(truth[i])).at(static_cast<std::size_t>(predicted[i]));
    if (truth[i] == predicted[i]) ++right;
  }
  result.test_accuracy =
      static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(truth.size(), 1));
}

CallbackPtr report_epochs(Reporter& reporter, Json& history, const std::string& phase,
                          std::int64_t last_epoch) {
  return std::make_shared<EpochReporter>(reporter, history, phase, last_epoch);
}

}  // namespace graft::transfer
