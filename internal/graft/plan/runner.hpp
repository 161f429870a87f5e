// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "graft/model.hpp"
#include "graft/plan/plan.hpp"

namespace graft::plan {

struct RunnerOptions {
  std::int64_t batch_size = 32;  ///< rows computed at once, at most
  /// See PlanOptions.
  Execution execution{};
  std::shared_ptr<const ValueRanges> ranges{};
};

/// Runs a model in inference mode over any number of rows. It keeps one plan for single rows and one for full
/// batches (per sample shape) and fills the last batch up, so that few rows cost little and many plans never
/// pile up in memory. Weights are read again in each run. Threads: one user at a time.
class Runner {
 public:
  /// model: shares its weights; it must not be trained while run() works.
  explicit Runner(Model model, RunnerOptions options = {});

  /// Each output for all rows of input (N, ...) float32: (N, ...), new tensors. N may be 0 when the
  /// model's output shape is known. Throws as Plan::lower and Plan::forward.
  [[nodiscard]] std::vector<Tensor> run(const Tensor& input);
  /// The first of them.
  [[nodiscard]] Tensor run_first(const Tensor& input) { return std::move(run(input).front()); }
  /// Lowers the first plan that run() uses for an input (rows, sample...), if it is not there yet.
  void prepare(std::int64_t rows, const Shape& sample);

 private:
  using Key = std::pair<std::int64_t, std::vector<std::int64_t>>;  // rows, sample shape

  /// Rows of the plan to run next when `left` rows are left.
  [[nodiscard]] std::int64_t next_rows(std::int64_t left) const;
  Plan& plan_for(std::int64_t rows, const Shape& sample);

  Model model_;
  RunnerOptions options_;
  std::shared_ptr<Workspace> workspace_ = std::make_shared<Workspace>();
  std::map<Key, Plan> plans_;
};

}  // namespace graft::plan
