// SPDX-License-Identifier: Apache-2.0
#include "plan/executor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "graft/base/parallel.hpp"
#include "graft/ops/op_info.hpp"

#include "plan/cost.hpp"

namespace graft::plan {

Executor::Executor(Program program, std::shared_ptr<Workspace> workspace)
    : program_(std::move(program)), memory_(program_, std::move(workspace)) {
  std::size_t at_once = 1;
  for (const Segment& segment : program_.segments)
    at_once = std::max(at_once, static_cast<std::size_t>(segment.at_once));
  arguments_.resize(at_once);
  for (std::size_t number = 0; number < program_.graph.ops().size(); ++number) {
    if (ops::is_view(program_.graph.ops()[number])) continue;
    std::vector<Step>& steps = number < program_.forward_ops ? forward_ : backward_;
    const Step& step = steps.emplace_back(program_, number, memory_, sums_);
    uses_openmp_ = uses_openmp_ || step.kernel().uses_openmp();
    if (number < program_.frozen_ops) ++frozen_steps_;
    if (number >= program_.forward_ops) backward_ops_.push_back(number);
  }
  sums_.allocate(at_once);
}

void Executor::run_step(Step& step, std::size_t round, const kernels::RunContext& context) {
  step.prepare(context);
  if (step.is_from_weights()) return;
  if (step.rounds() == 1) {
    step.run(context);
    if (observer_) observer_(step.op());
  } else {
    step.run_round(round, {.thread = 0, .first = round == 0}, arguments_.front(), sums_, context);
  }
  step.mark_written();
}

template <typename Body>
void Executor::timed(bool wanted, Step& step, const Body& body) {
  using Clock = std::chrono::steady_clock;
  if (!wanted) return body();
  const Clock::time_point begin = Clock::now();
  body();
  step.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
}

void Executor::run_rounds_of(std::size_t thread, std::span<Step> steps, std::size_t begin, std::size_t end,
                             const kernels::RunContext& context) {
  for (std::size_t round = begin; round < end; ++round) {
    for (Step& step : steps) {
      if (step.is_from_weights()) continue;
      const RoundSums::Round of{.thread = thread, .first = round == begin};
      // The other threads take as long as the first.
      timed(timed_ && thread == 0, step,
            [&] { step.run_round(round, of, arguments_[thread], sums_, context); });
    }
  }
}

void Executor::run_rounds_at_once(std::span<Step> steps, std::size_t rounds,
                                  const kernels::RunContext& context) {
  for (Step& step : steps) step.prepare(context);
  const std::size_t count = arguments_.size();
  parallel_for(count, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t thread = first; thread < last; ++thread)
      run_rounds_of(thread, steps, rounds * thread / count, rounds * (thread + 1) / count, context);
  });
  for (Step& step : steps) timed(timed_, step, [&] { sums_.add_threads(step.sums(), step.outputs()); });
}

void Executor::run_rounds(std::span<Step> steps, const kernels::RunContext& context,
                          const std::function<void()>& between) {
  const Segment* segment = steps.front().segment();
  const std::size_t rounds = steps.front().rounds();
  if (segment != nullptr && segment->at_once > 1) return run_rounds_at_once(steps, rounds, context);
  for (std::size_t round = 0; round < rounds; ++round) {
    for (Step& step : steps) {
      timed(timed_, step, [&] { run_step(step, round, context); });
      if (between) between();
    }
  }
}

std::size_t Executor::backward_steps_until(int op) const {
  const auto is_up_to = [&](std::size_t number) { return static_cast<int>(number) <= op; };
  return static_cast<std::size_t>(std::ranges::count_if(backward_ops_, is_up_to));
}

void Executor::run(std::span<Step> all, const kernels::RunContext& context, const Progress& progress) {
  const OpenMpLoops loops(uses_openmp_);
  for (std::size_t begin = 0; begin < all.size();) {
    const Segment* segment = all[begin].segment();
    std::size_t end = begin + 1;
    while (end < all.size() && segment != nullptr && all[end].segment() == segment) ++end;
    const std::function<void()> between = progress ? [&] { progress(begin); } : std::function<void()>();
    run_rounds(all.subspan(begin, end - begin), context, between);
    begin = end;
    if (progress) progress(begin);
  }
}

void Executor::forward_frozen(const kernels::RunContext& context) {
  run(std::span(forward_).first(frozen_steps_), context, {});
}
void Executor::forward_from_frozen(const kernels::RunContext& context) {
  run(std::span(forward_).subspan(frozen_steps_), context, {});
}

void Executor::give(ops::ValueId input, const float* data) {
  if (!memory_.give(input, data)) return;
  for (std::vector<Step>* steps : {&forward_, &backward_}) {
    for (Step& step : *steps) step.set_input(input, data);
  }
}

void Executor::start_timing() {
  timed_ = true;
  for (std::vector<Step>* steps : {&forward_, &backward_}) {
    for (Step& step : *steps) step.seconds = 0;
  }
}

std::vector<StepInfo> Executor::steps() const {
  std::vector<StepInfo> infos;
  for (const std::vector<Step>* steps : {&forward_, &backward_}) {
    for (const Step& step : *steps) {
      const Cost cost = cost_of(step.op(), program_.graph);
      infos.push_back({.layer = step.op().layer,
                       .op = std::string(ops::name_of(step.op().params)),
                       .implementation = std::string(step.kernel().implementation()),
                       .shape = cost.largest,
                       .operations = cost.operations,
                       .bytes = cost.bytes,
                       .backward = steps == &backward_,
                       .seconds = step.seconds});
    }
  }
  return infos;
}

}  // namespace graft::plan
