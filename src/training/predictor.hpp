// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "graft/execution.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/plan/runner.hpp"

namespace graft::training {

/// Keeps the plans of Model::predict() between calls, so that only the first call for a sample shape, batch
/// size, thread count and number format lowers the model. Weights are not part of a plan: training in between
/// is fine. Threads: any; calls at the same time use separate plans.
class Predictor {
 public:
  /// model: the one that owns the predictor.
  explicit Predictor(models::FunctionalModel& model) : model_(model) {}

  /// Returns each row's first output, as plan::Runner::run_first().
  [[nodiscard]] Tensor run(const Tensor& input, const plan::RunnerOptions& options);

  /// Runners made so far: a call that finds one lowers nothing.
  [[nodiscard]] std::size_t made() const;
  /// Runners kept for later calls; at most kMostKept.
  [[nodiscard]] std::size_t kept() const;
  static constexpr std::size_t kMostKept = 4;

 private:
  struct Key {
    int threads = 0;
    DTypePolicy policy = DTypePolicy::float32;
    std::shared_ptr<const plan::ValueRanges> ranges;
    std::int64_t batch_size = 0;
    std::vector<std::int64_t> sample;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Kept {
    Key key;
    std::unique_ptr<plan::Runner> runner;
  };
  /// A kept runner, which is then this caller's, or a new one.
  [[nodiscard]] std::unique_ptr<plan::Runner> take(const Key& key, const plan::RunnerOptions& options);
  /// Keeps a runner; the one that was not used for the longest time is dropped beyond kMostKept.
  void keep(Key key, std::unique_ptr<plan::Runner> runner);

  models::FunctionalModel& model_;
  mutable std::mutex mutex_;
  std::list<Kept> kept_;  // the last used first
  std::size_t made_ = 0;
};

/// What training attaches to a model: a predictor, and once compiled the rest.
class WithPredictor : public models::Attachment {
 public:
  explicit WithPredictor(models::FunctionalModel& model) : predictor_(std::make_shared<Predictor>(model)) {}
  [[nodiscard]] const std::shared_ptr<Predictor>& predictor() const { return predictor_; }

 private:
  std::shared_ptr<Predictor> predictor_;
};

/// The predictor of a model, made at the first call and again at compile(). Valid while the model lives.
/// Threads: any, but not while the model is compiled.
[[nodiscard]] std::shared_ptr<Predictor> predictor(const Model& model);

}  // namespace graft::training
