// SPDX-License-Identifier: Apache-2.0
#include "training/predictor.hpp"

#include <algorithm>
#include <utility>

#include "graft/base/execution_scope.hpp"

namespace graft::training {

Tensor Predictor::run(const Tensor& input, const plan::RunnerOptions& options) {
  const Execution execution = resolved(options.execution);
  const std::vector<std::int64_t> sizes(input.shape().sizes().begin() + 1, input.shape().sizes().end());
  Key key{.threads = execution.threads,
          .policy = execution.dtype_policy.value_or(DTypePolicy::float32),
          .ranges = options.ranges,
          .batch_size = options.batch_size,
          .sample = sizes};
  std::unique_ptr<plan::Runner> runner = take(key, options);
  Tensor output = runner->run_first(input);
  keep(std::move(key), std::move(runner));
  return output;
}

std::size_t Predictor::made() const {
  const std::lock_guard lock(mutex_);
  return made_;
}

std::size_t Predictor::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_.size();
}

std::unique_ptr<plan::Runner> Predictor::take(const Key& key, const plan::RunnerOptions& options) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(kept_, key, &Kept::key);
    if (found != kept_.end()) {
      std::unique_ptr<plan::Runner> runner = std::move(found->runner);
      kept_.erase(found);
      return runner;
    }
    ++made_;
  }
  // The runner does not own the model: the model owns it.
  const std::shared_ptr<models::FunctionalModel> not_owned(std::shared_ptr<void>(), &model_);
  return std::make_unique<plan::Runner>(Model(not_owned), options);
}

void Predictor::keep(Key key, std::unique_ptr<plan::Runner> runner) {
  const std::lock_guard lock(mutex_);
  kept_.push_front({std::move(key), std::move(runner)});
  if (kept_.size() > kMostKept) kept_.pop_back();
}

std::shared_ptr<Predictor> predictor(const Model& model) {
  static std::mutex attaching;
  const std::shared_ptr<models::FunctionalModel> functional = model.functional();
  const std::lock_guard lock(attaching);
  if (functional->attachment() == nullptr) functional->attach(std::make_shared<WithPredictor>(*functional));
  return dynamic_cast<WithPredictor&>(*functional->attachment()).predictor();
}

}  // namespace graft::training
