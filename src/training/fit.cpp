// SPDX-License-Identifier: Apache-2.0
// The loop of Model::fit(), and saving and restoring its whole state.
#include "training/fit.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/random.hpp"

namespace graft::training {
namespace {

data::Dataset prepared(const data::Dataset& dataset, const FitOptions& options, std::size_t begin,
                       std::size_t end) {
  data::DatasetOptions set = dataset.options();
  set.shuffle = options.shuffle.value_or(set.shuffle);
  if (begin == 0 && end == dataset.size()) return dataset.with_options(set);
  std::vector<std::size_t> rows(end - begin);
  std::iota(rows.begin(), rows.end(), begin);
  return dataset.subset(rows, set);
}

/// The number of samples that train; the others validate.
std::size_t split_at(const data::Dataset& dataset, const FitOptions& options) {
  const std::size_t all = dataset.size();
  if (options.validation_split == 0 || options.validation_data) return all;
  if (!(options.validation_split > 0 && options.validation_split < 1)) {
    fail(ErrorKind::invalid_argument, "fit: validation_split: expected 0 or more and below 1, received ",
         options.validation_split);
  }
  const auto training =
      static_cast<std::size_t>(std::floor(static_cast<double>(all) * (1 - options.validation_split)));
  if (training == 0 || training == all) {
    fail(ErrorKind::invalid_argument, "fit: validation_split ", options.validation_split, " of ", all,
         " samples leaves nothing to ", training == 0 ? "train on" : "validate with");
  }
  return training;
}

/// Samples that a plan computes.
std::int64_t samples_at_once(const data::Dataset& dataset, const FitOptions& options) {
  return options.ranks ? group_size(dataset.batch_size()) : dataset.batch_size();
}

/// The validation data as FrozenCache sees them: the same batches after every epoch.
FrozenCache::DataSet validated(const data::Dataset& dataset, const FitOptions& options) {
  const auto size = static_cast<std::size_t>(samples_at_once(dataset, options));
  const auto batches = static_cast<std::size_t>(
      options.validation_steps.value_or(static_cast<std::int64_t>(dataset.batches())));
  return {.samples = dataset.size(),
          .batch_size = size,
          .same_batches = true,
          .samples_of_epoch = std::min(dataset.size(), std::min(batches, dataset.batches()) *
                                                           static_cast<std::size_t>(dataset.batch_size()))};
}

}  // namespace

FitLoop::FitLoop(Model& model, const data::Dataset& dataset, const FitOptions& options)
    : options_(options),
      execution_(options.execution),
      compiled_(training::compiled(model)),
      dataset_(prepared(dataset, options, 0, split_at(dataset, options))),
      validation_(options.validation_data),
      cache_(options.cache_bytes),
      training_cache_{cache_},
      validation_cache_{cache_},
      state_{.model = model, .optimizer = *compiled_.options().optimizer, .snapshots = *this} {
  if (dataset.size() == 0) fail(ErrorKind::invalid_argument, "fit: the data set is empty");
  if (!validation_ && options.validation_split > 0) {
    FitOptions in_order = options;
    in_order.shuffle = false;
    validation_ = prepared(dataset, in_order, dataset_.size(), dataset.size());
    if (!options.sample_weight.empty()) {
      validation_weights_ = options.sample_weight.slice(static_cast<std::int64_t>(dataset_.size()),
                                                        static_cast<std::int64_t>(dataset.size()));
    }
  }
  if (!options.sample_weight.empty() &&
      static_cast<std::size_t>(options.sample_weight.count()) != dataset.size()) {
    fail(ErrorKind::shape_mismatch, "fit: sample_weight: expected one number for each of ", dataset.size(),
         " samples, received ", options.sample_weight.shape());
  }
  if (validation_ && options.validation_batch_size) {
    data::DatasetOptions batches = validation_->options();
    batches.batch_size = *options.validation_batch_size;
    validation_ = validation_->with_options(batches);
  }
  training_cache_.number =
      cache_.add({.samples = dataset_.size(),
                  .batch_size = static_cast<std::size_t>(samples_at_once(dataset_, options))});
  if (validation_) validation_cache_.number = cache_.add(validated(*validation_, options));
  if (std::ranges::find(options.augment, nullptr) != options.augment.end())
    fail(ErrorKind::invalid_argument, "fit: augment: expected augmentations, received a null pointer");
  if (options.validation_freq < 1 || options.steps_per_epoch.value_or(1) < 1)
    fail(ErrorKind::invalid_argument, "fit: expected validation_freq and steps_per_epoch of at least 1");
  state_.batches =
      options.steps_per_epoch ? static_cast<std::size_t>(*options.steps_per_epoch) : dataset_.batches();
  state_.epoch = options.initial_epoch;
  nan_is_handled_ = std::ranges::any_of(options.callbacks, [](const auto& c) { return c->handles_nan(); });
  state_.optimizer.build(model.trainable_weights());
}

template <typename Call>
void FitLoop::call_each(const Call& call) {
  for (const CallbackPtr& callback : options_.callbacks) call(*callback);
}

History FitLoop::run() {
  call_each([&](Callback& c) { c.on_train_begin(state_); });
  restore_callbacks();
  if (options_.ranks) compare_ranks();
  while (state_.epoch < options_.epochs && !state_.stop_training) run_epoch();
  state_.optimizer.finalize();
  call_each([&](Callback& c) { c.on_train_end(state_); });
  return std::move(history_);
}

/// The batches of an epoch from state_.batch on. With steps_per_epoch an epoch may begin and end anywhere in
/// a pass over the data.
void FitLoop::run_batches() {
  while (state_.batch < state_.batches && !state_.stop_training) {
    const std::size_t per_pass = dataset_.batches();
    const std::size_t at = options_.steps_per_epoch
                               ? static_cast<std::size_t>(state_.epoch) * state_.batches + state_.batch
                               : static_cast<std::size_t>(state_.epoch) * per_pass + state_.batch;
    if (options_.ranks) {
      run_groups(at / per_pass, at % per_pass);
      continue;
    }
    data::BatchIterator batches = dataset_.iterate(at / per_pass, at % per_pass);
    while (state_.batch < state_.batches && !state_.stop_training) {
      const auto batch = batches.next();
      if (!batch) break;
      run_batch(*batch);
    }
  }
}

void FitLoop::run_batch(const data::Batch& batch) {
  run_step([&] {
    const bool augments = !options_.augment.empty();
    return compiled_.step(state_.model, augments ? augmented(batch) : batch,
                          batch_weights(batch, options_.class_weight, options_.sample_weight),
                          augments ? nullptr : &training_cache_);
  });
}

void FitLoop::run_step(const std::function<double()>& step) {
  call_each([&](Callback& c) { c.on_batch_begin(state_); });
  state_.batch_loss = step();
  if (!std::isfinite(state_.batch_loss) && !nan_is_handled_) {
    fail(ErrorKind::numeric, "the loss became ", state_.batch_loss, " at batch ", state_.batch + 1,
         " of epoch ", state_.epoch + 1, "; lower the learning rate");
  }
  ++state_.batch;
  state_.loss = compiled_.mean_loss();
  call_each([&](Callback& c) { c.on_batch_end(state_); });
  if (std::isfinite(state_.batch_loss)) call_each([&](Callback& c) { c.on_safe_point(state_); });
}

data::Batch FitLoop::augmented(data::Batch batch, std::optional<std::size_t> part) const {
  std::uint64_t key = mix64(mix64(random_seed()) + static_cast<std::uint64_t>(state_.epoch));
  if (part) key = mix64(mix64(key) + *part);
  for (std::size_t i = 0; i < options_.augment.size(); ++i)
    options_.augment[i]->apply(batch, mix64(mix64(key + state_.batch) + i));
  return batch;
}

bool FitLoop::validates() const {
  if (!validation_) return false;
  const std::int64_t epoch = state_.epoch + 1;
  if (options_.validation_epochs.empty()) return epoch % options_.validation_freq == 0;
  return std::ranges::find(options_.validation_epochs, epoch) != options_.validation_epochs.end();
}

void FitLoop::run_epoch() {
  if (state_.batch == 0) {
    compiled_.reset_figures();
    call_each([&](Callback& c) { c.on_epoch_begin(state_); });
  }
  run_batches();
  const bool stopped_mid_epoch = state_.stop_training;
  EpochLog log{.epoch = state_.epoch, .values = compiled_.figures()};
  if (validates()) {
    call_each([&](Callback& c) { c.on_test_begin(state_); });
    test_all(
        compiled_, state_.model, *validation_,
        {.steps = options_.validation_steps, .sample_weight = validation_weights_, .ranks = options_.ranks},
        &validation_cache_);
    for (const auto& [name, value] : compiled_.figures()) log.values.emplace_back("val_" + name, value);
    call_each([&](Callback& c) { c.on_test_end(state_); });
  }
  call_each([&](Callback& c) { c.on_epoch_end(state_, log); });
  agree_to_stop();
  history_.add(std::move(log));
  ++state_.epoch;
  state_.batch = 0;
  // The end of an interrupted epoch is no state to resume from: the state was saved after its last batch.
  if (stopped_mid_epoch) return;
  between_epochs_ = true;
  call_each([&](Callback& c) { c.on_safe_point(state_); });
  between_epochs_ = false;
}

StateBag FitLoop::capture() const {
  StateBag bag;
  compiled_.save_state(bag);
  (*bag.facts)["epoch"] = state_.epoch;
  (*bag.facts)["batch"] = state_.batch;
  (*bag.facts)["stop"] = between_epochs_ && state_.stop_training;
  (*bag.facts)["seed"] = random_seed();
  (*bag.facts)["optimizer"] = state_.optimizer.config();
  Json history = Json::array();
  for (const EpochLog& log : history_.epochs()) {
    Json row{{"epoch", log.epoch}, {"values", Json::array()}};
    for (const auto& [name, value] : log.values) row["values"].push_back({name, value});
    history.push_back(std::move(row));
  }
  (*bag.facts)["history"] = std::move(history);
  WeightsSnapshot(state_.model.weights()).save(bag, "weights");
  std::size_t count = 0;
  for (const OptimizerVariable& variable : state_.optimizer.variables())
    bag.tensors[cat("optimizer/", count++)] = variable.value;
  for (std::size_t i = 0; i < options_.callbacks.size(); ++i) {
    StateBag own;
    options_.callbacks[i]->save_state(own);
    (*bag.facts)["callbacks"].push_back(std::move(own.facts));
    for (auto& [name, tensor] : own.tensors) bag.tensors[cat("callbacks/", i, "/", name)] = tensor;
  }
  return bag;
}

void FitLoop::restore(const StateBag& bag) {
  try {
    restore_parts(bag);
  } catch (const Json::exception& error) {
    fail(ErrorKind::bad_file, "the saved training state is not complete: ", error.what());
  } catch (const std::out_of_range&) {
    fail(ErrorKind::bad_file, "the saved training state is not complete");
  }
}

void FitLoop::restore_parts(const StateBag& bag) {
  const Json config = bag.facts->at("optimizer");
  if (config.at("class_name") != state_.optimizer.class_name()) {
    fail(ErrorKind::bad_file, "the saved training state is of optimizer ", config.at("class_name"),
         ", this run's is ", state_.optimizer.class_name());
  }
  WeightsSnapshot::load(state_.model.weights(), bag, "weights").restore();
  std::vector<Tensor> variables;
  for (std::size_t i = 0; bag.tensors.contains(cat("optimizer/", i)); ++i)
    variables.push_back(bag.tensors.at(cat("optimizer/", i)));
  state_.optimizer.set_variables(variables);
  compiled_.load_state(bag);
  state_.epoch = bag.facts->at("epoch").get<std::int64_t>();
  state_.batch = bag.facts->at("batch").get<std::size_t>();
  state_.stop_training = bag.facts->at("stop").get<bool>();
  execution_.set_seed(bag.facts->at("seed").get<std::uint64_t>());
  for (const Json& row : bag.facts->at("history")) {
    EpochLog log{.epoch = row.at("epoch").get<std::int64_t>()};
    for (const Json& value : row.at("values")) {
      const bool number = value.at(1).is_number();  // JSON has no NaN
      log.values.emplace_back(value.at(0).get<std::string>(),
                              number ? value.at(1).get<double>() : std::nan(""));
    }
    history_.add(std::move(log));
  }
  callback_states_.clear();
  for (std::size_t i = 0; i < options_.callbacks.size(); ++i) {
    StateBag own{.facts = bag.facts->at("callbacks").at(i)};
    const std::string prefix = cat("callbacks/", i, "/");
    for (const auto& [name, tensor] : bag.tensors) {
      if (name.starts_with(prefix)) own.tensors[name.substr(prefix.size())] = tensor;
    }
    callback_states_.push_back(std::move(own));
  }
}

/// After on_train_begin() of all callbacks, which resets them.
void FitLoop::restore_callbacks() {
  try {
    for (std::size_t i = 0; i < callback_states_.size(); ++i)
      options_.callbacks[i]->load_state(callback_states_[i]);
  } catch (const Json::exception& error) {
    fail(ErrorKind::bad_file, "the saved training state is not complete: ", error.what());
  }
}

}  // namespace graft::training
