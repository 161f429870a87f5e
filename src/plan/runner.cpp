// SPDX-License-Identifier: Apache-2.0
#include "graft/plan/runner.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"

namespace graft::plan {
namespace {

/// At most this many rows are quicker one by one than as a batch that is filled up.
constexpr std::int64_t kFewRows = 8;

/// The rows [begin, end), filled up with zeros to `rows`.
Tensor filled_rows(const Tensor& input, std::int64_t begin, std::int64_t end, std::int64_t rows) {
  Tensor part = input.slice(begin, end);
  if (end - begin == rows) return part;
  Tensor filled(input.shape().without_batch().with_batch(rows));
  filled.slice(0, end - begin).copy_from(part);
  return filled;
}

}  // namespace

Runner::Runner(Model model, RunnerOptions options) : model_(std::move(model)), options_(std::move(options)) {
  if (options_.batch_size < 1) {
    fail(ErrorKind::invalid_argument, "batch size: expected at least 1, received ", options_.batch_size);
  }
}

std::int64_t Runner::next_rows(std::int64_t left) const {
  return left <= std::min(kFewRows, options_.batch_size - 1) ? 1 : options_.batch_size;
}

void Runner::prepare(std::int64_t rows, const Shape& sample) {
  static_cast<void>(plan_for(next_rows(rows), sample));
}

Plan& Runner::plan_for(std::int64_t rows, const Shape& sample) {
  Key key{rows, {sample.sizes().begin(), sample.sizes().end()}};
  const auto found = plans_.find(key);
  if (found != plans_.end()) return found->second;
  Plan plan = Plan::lower(model_, {.batch_size = rows,
                                   .input_shape = sample,
                                   .execution = options_.execution,
                                   .ranges = options_.ranges,
                                   .workspace = workspace_});
  return plans_.emplace(std::move(key), std::move(plan)).first->second;
}

std::vector<Tensor> Runner::run(const Tensor& input) {
  const std::int64_t count = input.shape()[0];
  const Shape sample = input.shape().without_batch();
  std::vector<Tensor> results(model_.outputs().size());
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t left = count - done;
    const std::int64_t rows = next_rows(left);
    const std::int64_t used = std::min(left, rows);
    Plan& plan = plan_for(rows, sample);
    const Tensor batch = filled_rows(input, done, done + used, rows);  // an output may be a view of it
    plan.forward(batch);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const Tensor output = plan.output(i);
      if (done == 0) results[i] = Tensor(output.shape().without_batch().with_batch(count));
      results[i].slice(done, done + used).copy_from(output.slice(0, used));
    }
    done += used;
  }
  if (count > 0) return results;
  for (std::size_t i = 0; i < results.size(); ++i)
    results[i] = Tensor(model_.outputs()[i].shape.without_batch().with_batch(0));
  return results;
}

}  // namespace graft::plan
