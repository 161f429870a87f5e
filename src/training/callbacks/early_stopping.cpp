// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/training/callbacks.hpp"

#include "training/callbacks/monitor.hpp"

namespace graft {
namespace {

class EarlyStoppingCallback final : public Callback {
 public:
  explicit EarlyStoppingCallback(const EarlyStoppingOptions& options)
      : options_(options),
        monitor_({.callback = "EarlyStopping",
                  .figure = options.monitor,
                  .mode = options.mode,
                  .min_delta = options.min_delta}) {}

  void on_train_begin(TrainingState& state) override {
    model_ = state.model;
    best_.reset();
    waited_ = 0;
    snapshot_.reset();
  }

  void on_epoch_end(TrainingState& state, EpochLog& log) override {
    const double value = monitor_.read(log);
    if (state.epoch < options_.start_from_epoch) return;
    if (options_.restore_best_weights && !snapshot_) snapshot_.emplace(state.model.weights());
    ++waited_;
    if (monitor_.improves(value, best_)) {
      best_ = value;
      if (options_.restore_best_weights) snapshot_.emplace(state.model.weights());
      if (monitor_.improves(value, options_.baseline)) waited_ = 0;
      return;
    }
    // Keras never stops after the very first epoch.
    if (waited_ >= options_.patience && state.epoch > 0) state.stop_training = true;
  }

  void on_train_end(TrainingState&) override {
    if (snapshot_) snapshot_->restore();
  }

  void save_state(StateBag& bag) const override {
    *bag.facts = {
        {"best", training::optional_json(best_)}, {"waited", waited_}, {"snapshot", snapshot_.has_value()}};
    if (snapshot_) snapshot_->save(bag, "best");
  }

  /// After on_train_begin, which knows the model.
  void load_state(const StateBag& bag) override {
    best_ = training::optional_from(bag.facts->at("best"));
    waited_ = bag.facts->at("waited").get<std::int64_t>();
    if (bag.facts->at("snapshot").get<bool>())
      snapshot_ = WeightsSnapshot::load(model_.weights(), bag, "best");
  }

 private:
  EarlyStoppingOptions options_;
  training::FigureMonitor monitor_;
  Model model_;
  std::optional<double> best_;
  std::int64_t waited_ = 0;
  std::optional<WeightsSnapshot> snapshot_;
};

}  // namespace

CallbackPtr EarlyStopping(const EarlyStoppingOptions& options) {
  return std::make_shared<EarlyStoppingCallback>(options);
}

WeightsSnapshot::WeightsSnapshot(const std::vector<VariablePtr>& weights) {
  for (const VariablePtr& weight : weights) values_.emplace_back(weight, weight->value().clone());
}

void WeightsSnapshot::restore() const {
  for (const auto& [weight, value] : values_) weight->assign(value);
}

void WeightsSnapshot::save(StateBag& bag, const std::string& prefix) const {
  for (std::size_t i = 0; i < values_.size(); ++i) bag.tensors[cat(prefix, "/", i)] = values_[i].second;
}

WeightsSnapshot WeightsSnapshot::load(const std::vector<VariablePtr>& weights, const StateBag& bag,
                                      const std::string& prefix) {
  WeightsSnapshot snapshot;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto found = bag.tensors.find(cat(prefix, "/", i));
    if (found == bag.tensors.end() || found->second.shape() != weights[i]->shape() ||
        found->second.dtype() != DType::float32) {
      fail(ErrorKind::bad_file, "the saved training state does not fit the model: ", weights[i]->path(), " ",
           weights[i]->shape(), found == bag.tensors.end() ? " is not there" : " has another shape there");
    }
    snapshot.values_.emplace_back(weights[i], found->second.clone());
  }
  return snapshot;
}

}  // namespace graft
