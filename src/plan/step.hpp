// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "graft/kernels/kernel.hpp"
#include "graft/plan/program.hpp"

#include "plan/round_sums.hpp"
#include "plan/value_memory.hpp"

namespace graft::plan {

/// One op of a program with its kernel and the places of its arguments. Steps of one segment follow each
/// other.
class Step {
 public:
  /// The op of this number, which is no view. program and memory: must outlive the step. sums: receives the
  /// sums over samples of an op that runs in rounds.
  Step(const Program& program, std::size_t number, ValueMemory& memory, RoundSums& sums);

  /// Where a kernel reads and writes in one round.
  struct Arguments {
    std::vector<kernels::View> inputs;
    std::vector<kernels::MutableView> outputs;
  };

  [[nodiscard]] const ops::Op& op() const { return *op_; }
  [[nodiscard]] const kernels::Kernel& kernel() const { return *kernel_; }
  [[nodiscard]] const Segment* segment() const { return segment_; }
  /// Rounds of its segment; 1: it runs once for the whole batch.
  [[nodiscard]] std::size_t rounds() const { return rounds_; }
  /// It computes something of weights only: prepare() does that, when a weight has changed.
  [[nodiscard]] bool is_from_weights() const { return from_weights_; }
  [[nodiscard]] const std::vector<RoundSums::Sum>& sums() const { return sums_; }
  [[nodiscard]] kernels::Outputs outputs() const { return whole_.outputs; }

  /// Packs weights that have changed, and computes what is derived from them.
  void prepare(const kernels::RunContext& context);
  /// Runs the op for the whole batch.
  void run(const kernels::RunContext& context) { kernel_->run(context, whole_.inputs, whole_.outputs); }
  /// Runs the op for one round. thread: whose memory it uses; arguments: that thread's, for reuse.
  void run_round(std::size_t round, RoundSums::Round of, Arguments& arguments, const RoundSums& sums,
                 const kernels::RunContext& context);
  /// After a run: weights that the op wrote have a new version.
  void mark_written() const;

  /// An input of the program is at another address.
  void set_input(ops::ValueId input, const float* data);

  double seconds = 0;  ///< while timed

 private:
  [[nodiscard]] kernels::Spec add_arguments();
  void derive(std::uint64_t made_of, const kernels::RunContext& context);
  void find_arguments(std::size_t round, std::size_t thread, Arguments& found) const;

  const Program& program_;
  ValueMemory& memory_;
  const ops::Op* op_;
  const Segment* segment_;
  std::size_t rounds_ = 1;
  bool from_weights_ = true;
  std::unique_ptr<kernels::Kernel> kernel_;
  Arguments whole_;
  std::vector<std::ptrdiff_t> input_strides_, output_strides_;  ///< bytes from one round to the next
  std::vector<RoundSums::Sum> sums_;
  std::vector<kernels::View> weights_;    ///< inputs that are made from weights; null for the others
  std::vector<ops::ValueId> weight_ids_;  ///< those inputs' values
  std::uint64_t packed_ = 0;              ///< sum of the weights' versions when last packed
};

}  // namespace graft::plan
