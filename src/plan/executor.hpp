// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "graft/kernels/kernel.hpp"
#include "graft/plan/program.hpp"

#include "plan/round_sums.hpp"
#include "plan/step.hpp"
#include "plan/value_memory.hpp"

namespace graft::plan {

/// Runs the steps of a program in their order: once for the whole batch, or segment by segment in rounds, on
/// one thread or several. Where the values are is ValueMemory's, what a step computes is Step's.
class Executor {
 public:
  /// workspace: memory for activations and gradients; null: a new one.
  explicit Executor(Program program, std::shared_ptr<Workspace> workspace = nullptr);
  ~Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void set_input(std::size_t index, const float* data) { give(program_.inputs.at(index), data); }
  /// gradient: Program::output_gradient or one of its activity_gradients.
  void set_gradient(ops::ValueId gradient, const float* data) { give(gradient, data); }
  void forward(const kernels::RunContext& context) { run(forward_, context, {}); }
  /// Called between ops on the calling thread, with the number of steps of the pass whose results are final.
  using Progress = std::function<void(std::size_t)>;
  void backward(const kernels::RunContext& context, const Progress& progress = {}) {
    run(backward_, context, progress);
  }
  /// How many steps of the backward pass there are up to this op; 0 where it is not of the backward pass, or
  /// -1.
  [[nodiscard]] std::size_t backward_steps_until(int op) const;
  /// The ops that put_frozen_first put first, and the other forward ops.
  void forward_frozen(const kernels::RunContext& context);
  void forward_from_frozen(const kernels::RunContext& context);

  [[nodiscard]] const Program& program() const { return program_; }
  [[nodiscard]] const ValueMemory& memory() const { return memory_; }
  [[nodiscard]] std::vector<StepInfo> steps() const;
  void start_timing();
  /// Calls observer after each op of every later run, when its outputs are complete (not for ops in segments,
  /// whose outputs hold one chunk).
  using Observer = std::function<void(const ops::Op&)>;
  void watch(Observer observer) { observer_ = std::move(observer); }

 private:
  void give(ops::ValueId input, const float* data);
  void run(std::span<Step> all, const kernels::RunContext& context, const Progress& progress);
  /// The steps of a segment, round after round. between: called after each op.
  void run_rounds(std::span<Step> steps, const kernels::RunContext& context,
                  const std::function<void()>& between);
  /// The same, with the rounds divided among the threads.
  void run_rounds_at_once(std::span<Step> steps, std::size_t rounds, const kernels::RunContext& context);
  void run_rounds_of(std::size_t thread, std::span<Step> steps, std::size_t begin, std::size_t end,
                     const kernels::RunContext& context);
  void run_step(Step& step, std::size_t round, const kernels::RunContext& context);
  /// Calls body and, where wanted, adds its time to the step's.
  template <typename Body>
  static void timed(bool wanted, Step& step, const Body& body);

  Program program_;
  ValueMemory memory_;  ///< of program_
  RoundSums sums_;
  std::vector<Step> forward_, backward_;
  std::vector<std::size_t> backward_ops_;  ///< number of each backward step's op
  std::size_t frozen_steps_ = 0;           ///< of the forward steps
  bool uses_openmp_ = false;               ///< a kernel does
  bool timed_ = false;
  Observer observer_;
  std::vector<Step::Arguments> arguments_;  ///< by thread: one, or as many as segments run at once
};

}  // namespace graft::plan
