// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <optional>

#include "graft/base/error.hpp"
#include "graft/training/callback.hpp"

namespace graft {
namespace {

class EarlyStoppingCallback final : public Callback {
 public:
  explicit EarlyStoppingCallback(const EarlyStoppingOptions& options)
      : options_(options), sign_(options.monitor.ends_with("accuracy") ? 1.0 : -1.0) {}

  void on_train_begin(TrainingState&) override {
    best_ = -std::numeric_limits<double>::infinity();
    waited_ = 0;
    snapshot_.reset();
  }

  void on_epoch_end(TrainingState& state, const EpochLog& log) override {
    const double* value = log.find(options_.monitor);
    if (value == nullptr) {
      fail(ErrorKind::invalid_argument, "EarlyStopping: there is no figure '", options_.monitor,
           "' to watch; give fit() validation_data, or watch loss");
    }
    if (sign_ * *value > best_ + options_.min_delta) {
      best_ = sign_ * *value;
      waited_ = 0;
      if (options_.restore_best_weights) snapshot_.emplace(state.model.weights());
    } else if (++waited_ >= options_.patience) {
      state.stop_training = true;
    }
  }

  void on_train_end(TrainingState&) override {
    if (snapshot_) snapshot_->restore();
  }

 private:
  EarlyStoppingOptions options_;
  double sign_;
  double best_ = 0;
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

}  // namespace graft
