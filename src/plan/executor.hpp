// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "graft/kernels/kernel.hpp"
#include "graft/plan/program.hpp"
#include "graft/plan/workspace.hpp"

#include "plan/derived_weights.hpp"
#include "plan/plan_memory.hpp"
#include "plan/round_sums.hpp"

namespace graft::plan {

/// Runs a program: one kernel per step. All pointers but those of the inputs are known when it is built.
class Executor {
 public:
  /// workspace: memory for activations and gradients; null: a new one.
  explicit Executor(Program program, std::shared_ptr<Workspace> workspace = nullptr);

  void set_input(std::size_t index, const float* data);
  /// gradient: Program::output_gradient or one of its activity_gradients.
  void set_gradient(ops::ValueId gradient, const float* data);
  void forward(const kernels::RunContext& context);
  void backward(const kernels::RunContext& context);
  /// The ops that put_frozen_first put first, and the other forward ops.
  void forward_frozen(const kernels::RunContext& context);
  void forward_from_frozen(const kernels::RunContext& context);
  /// Results of the frozen ops that the others read; empty where one of the others reads an input.
  [[nodiscard]] std::vector<ops::ValueId> frozen_values() const;
  /// Sum of the versions of the weights that they read.
  [[nodiscard]] std::uint64_t frozen_version() const;

  /// A view of a value's memory: in the workspace, or the weight's or input's.
  [[nodiscard]] Tensor view(ops::ValueId value) const;
  [[nodiscard]] const Program& program() const { return program_; }
  [[nodiscard]] std::size_t arena_bytes() const { return memory_.bytes; }
  [[nodiscard]] std::vector<StepInfo> steps() const;
  void start_timing();
  /// Calls observer after each op of every later run, when its outputs are complete (not for ops in segments,
  /// whose outputs hold one chunk).
  using Observer = std::function<void(const ops::Op&)>;
  void watch(Observer observer) { observer_ = std::move(observer); }

 private:
  struct Step {
    std::unique_ptr<kernels::Kernel> kernel;
    std::vector<kernels::View> inputs;
    std::vector<kernels::MutableView> outputs;
    std::vector<kernels::View> weights;    ///< inputs that are made from weights; null for the others
    std::vector<ops::ValueId> weight_ids;  ///< those inputs' values
    std::vector<ops::ValueId> updated;     ///< weights that the step itself writes
    std::vector<std::ptrdiff_t> input_strides, output_strides;  ///< bytes from one round to the next
    std::vector<RoundSums::Sum> sums;
    std::uint64_t packed = 0;   ///< sum of the weights' versions when last packed
    bool from_weights = false;  ///< runs only when a weight has changed
    const ops::Op* op = nullptr;
    std::size_t rounds = 1;  ///< of its segment; steps of one segment follow each other
    const Segment* segment = nullptr;
    double seconds = 0;  ///< while timed
  };

  [[nodiscard]] ops::ValueId base_of(ops::ValueId value) const;
  [[nodiscard]] kernels::Argument argument(ops::ValueId value, const Segment* segment) const;
  [[nodiscard]] bool is_summed(ops::ValueId value) const;
  [[nodiscard]] std::ptrdiff_t stride(ops::ValueId value, const Segment* segment) const;
  [[nodiscard]] std::byte* pointer(ops::ValueId value) const;
  [[nodiscard]] kernels::MutableView elements(ops::ValueId value) const;
  [[nodiscard]] std::uint64_t version(ops::ValueId value) const;
  void add_step(const ops::Op& op);
  void add_sums(Step& step);
  /// Per-thread argument pointers.
  struct Thread {
    std::vector<kernels::View> inputs;
    std::vector<kernels::MutableView> outputs;
  };
  void find_arguments(const Step& step, std::size_t round, std::size_t thread);
  [[nodiscard]] static kernels::RunContext context_of(const Step& step, std::size_t round, std::size_t thread,
                                                      kernels::RunContext context);
  /// Calls body and, where wanted, adds its time to the step's.
  template <typename Body>
  static void timed(bool wanted, Step& step, const Body& body);
  void run_round(Step& step, std::size_t round, RoundSums::Round of, const kernels::RunContext& context);
  void patch_input(ops::ValueId input, const float* data);
  void run(std::span<Step> all, const kernels::RunContext& context);
  /// Steps [begin, end) of a segment, round after round.
  void run_rounds(std::span<Step> steps, std::size_t rounds, const kernels::RunContext& context);
  /// The same, with the rounds divided among the threads.
  void run_rounds_at_once(std::span<Step> steps, std::size_t rounds, const kernels::RunContext& context);
  void run_rounds_of(std::size_t thread, std::span<Step> steps, std::size_t begin, std::size_t end,
                     const kernels::RunContext& context);
  void run_step(Step& step, std::size_t round, const kernels::RunContext& context);
  void prepare(Step& step, const kernels::RunContext& context);
  void derive(Step& step, std::uint64_t made_of, const kernels::RunContext& context);

  Program program_;
  std::vector<bool> from_weights_, needs_gradient_;
  MemoryPlan memory_;
  RoundSums sums_;
  std::shared_ptr<Workspace> workspace_;
  std::vector<ops::ValueId> base_;                       ///< by value: roots_of_views()
  std::vector<std::shared_ptr<DerivedWeight>> derived_;  ///< by value, where it is made from weights
  std::map<ops::ValueId, const float*> external_;        ///< inputs given
  std::vector<Step> forward_, backward_;
  std::size_t frozen_steps_ = 0;  ///< of the forward steps
  bool uses_openmp_ = false;      ///< a kernel does
  bool timed_ = false;
  Observer observer_;
  std::vector<Thread> threads_;  ///< one, or as many as segments run at once
};

}  // namespace graft::plan
