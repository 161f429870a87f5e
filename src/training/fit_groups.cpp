// SPDX-License-Identifier: Apache-2.0
// What Model::fit() does where several ranks train together.
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/cluster/add_time.hpp"
#include "graft/hash.hpp"
#include "graft/version.hpp"

#include "training/fit.hpp"
#include "training/group_pass.hpp"

namespace graft::training {
namespace {

/// Names and labels of the samples, and their content where that is known. Ranks may find the files in
/// different folders.
std::string hash_of(const data::Dataset& dataset) {
  Hasher hasher;
  hasher.add(dataset.size());
  for (const int label : dataset.labels()) hasher.add(label);
  for (const std::string& name : dataset.class_names()) hasher.add(name);
  const std::vector<Hash128> keys = dataset.sample_keys();
  for (const Hash128& key : keys) hasher.add(key);
  if (keys.empty()) {
    for (const auto& path : dataset.file_paths()) hasher.add(path.filename().string());
  }
  return to_hex(hasher.digest());
}

std::string hash_of(const std::vector<VariablePtr>& weights) {
  Hasher hasher;
  for (const VariablePtr& weight : weights) hasher.add(std::as_bytes(std::as_const(*weight).value().data()));
  return to_hex(hasher.digest());
}

}  // namespace

void FitLoop::compare_ranks() const {
  const Execution execution = current_execution();
  const std::vector<cluster::Fact> facts{
      {"graft's version", std::string(version())},
      {"threads", cat(execution.threads)},
      {"precision", std::string(to_string(execution.dtype_policy.value_or(DTypePolicy::float32)))},
      {"seed", cat(random_seed())},
      {"batch size", cat(dataset_.batch_size())},
      {"epochs", cat(state_.epoch, " to ", options_.epochs, ", ", state_.batches, " steps each")},
      {"the photos", hash_of(dataset_)},
      {"the validation photos", validation_ ? hash_of(*validation_) : "none"},
      {"the optimizer", state_.optimizer.config().dump()},
      {"the loss", compiled_.options().loss->config().dump()},
      {"the exchange of gradients", options_.bfloat16_exchange ? "bfloat16" : "float32"},
      {"the weights", hash_of(state_.model.weights())}};
  cluster::agree(*options_.ranks, facts);
}

void FitLoop::run_groups(std::uint64_t pass, std::size_t first_batch) {
  GroupPass groups(dataset_, *options_.ranks, pass, first_batch);
  cluster::StepTimes& times = options_.ranks->step_times();
  while (state_.batch < state_.batches && !state_.stop_training) {
    const cluster::AddTime all(times.all);
    std::optional<OwnGroups> own = [&] {
      const cluster::AddTime timer(times.input);
      return groups.next();
    }();
    if (!own) return;
    run_batch(std::move(*own));
    const cluster::AddTime timer(times.waiting);
    agree_to_stop();
    ++times.steps;
  }
}

void FitLoop::run_batch(OwnGroups own) {
  run_step([&] {
    const bool augments = !options_.augment.empty();
    for (std::size_t i = 0; i < own.batches.size(); ++i) {
      const cluster::AddTime timer(options_.ranks->step_times().input);
      own.weights[i] = batch_weights(own.batches[i], options_.class_weight, options_.sample_weight);
      if (augments) own.batches[i] = augmented(std::move(own.batches[i]), own.first + i);
    }
    return compiled_.step(state_.model, {*options_.ranks, options_.bfloat16_exchange}, own,
                          augments ? nullptr : &training_cache_);
  });
}

void FitLoop::agree_to_stop() {
  if (options_.ranks) state_.stop_training = cluster::any(*options_.ranks, state_.stop_training);
}

}  // namespace graft::training
