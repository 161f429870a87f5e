// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/training.hpp"

namespace graft {
namespace {

class GradualUnfreezingCallback final : public Callback {
 public:
  explicit GradualUnfreezingCallback(GradualUnfreezingOptions options) : options_(std::move(options)) {
    const std::size_t groups = options_.groups.size();
    if (groups == 0 || options_.epochs_per_group < 1)
      fail(ErrorKind::invalid_argument,
           "GradualUnfreezing: expected groups and epochs_per_group of at least 1");
    if (options_.multipliers.empty()) options_.multipliers.assign(groups, 1.0);
    if (options_.multipliers.size() != groups) {
      fail(ErrorKind::invalid_argument, "GradualUnfreezing: expected a multiplier for each of ", groups,
           " groups, received ", options_.multipliers.size());
    }
  }

  void on_epoch_begin(TrainingState& state) override { apply(state); }
  /// For a training that is resumed within an epoch, which has no on_epoch_begin.
  void on_batch_begin(TrainingState& state) override {
    if (state.epoch != applied_) apply(state);
  }

 private:
  void apply(TrainingState& state) {
    applied_ = state.epoch;
    const std::int64_t epochs = std::max<std::int64_t>(0, state.epoch - options_.first_epoch);
    const std::int64_t training = 1 + epochs / options_.epochs_per_group;
    const auto groups = static_cast<std::int64_t>(options_.groups.size());
    for (std::int64_t i = 0; i < groups; ++i) {
      const auto group = static_cast<std::size_t>(i);
      const bool trains = groups - i <= training;
      state.optimizer.set_rate_multiplier(options_.groups[group].weights,
                                          trains ? options_.multipliers[group] : 0.0);
    }
  }

  GradualUnfreezingOptions options_;
  std::int64_t applied_ = -1;
};

}  // namespace

std::vector<LayerGroup> layer_groups(const Model& model, std::size_t groups) {
  const std::vector<VariablePtr> training = model.trainable_weights();
  std::set<VariablePtr> left(training.begin(), training.end());
  std::vector<LayerGroup> layers;
  for (const models::FoundLayer& found : models::all_layers(model)) {
    if (models::as_model(found.layer).base() != nullptr) continue;
    LayerGroup group{.name = found.layer.name(), .weights = {}};
    for (const VariablePtr& weight : found.layer.trainable_weights()) {
      if (left.erase(weight) > 0) group.weights.push_back(weight);
    }
    if (!group.weights.empty()) layers.push_back(std::move(group));
  }
  if (groups == 0 || groups >= layers.size()) return layers;
  std::vector<LayerGroup> joined(groups);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    LayerGroup& group = joined[i * groups / layers.size()];
    if (group.name.empty()) group.name = layers[i].name;
    group.weights.insert(group.weights.end(), layers[i].weights.begin(), layers[i].weights.end());
  }
  return joined;
}

std::vector<double> set_layer_rates(Optimizer& optimizer, const std::vector<LayerGroup>& groups,
                                    double decay) {
  if (!(decay > 0 && decay <= 1)) {
    fail(ErrorKind::invalid_argument, "set_layer_rates: decay: expected above 0 and at most 1, received ",
         decay);
  }
  std::vector<double> multipliers(groups.size(), 1.0);
  for (std::size_t i = groups.size(); i-- > 1;) multipliers[i - 1] = multipliers[i] * decay;
  for (std::size_t i = 0; i < groups.size(); ++i)
    optimizer.set_rate_multiplier(groups[i].weights, multipliers[i]);
  return multipliers;
}

CallbackPtr GradualUnfreezing(GradualUnfreezingOptions options) {
  return std::make_shared<GradualUnfreezingCallback>(std::move(options));
}

}  // namespace graft
