// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "graft/kernels/kernel.hpp"
#include "graft/plan/program.hpp"

namespace graft::plan {

/// Adds up the sums over samples (gradients of weights) of ops that run in chunks, one chunk per round. The
/// first round of a thread writes to the thread's own sum; each later round writes to a buffer, which is
/// added to the sum. The first thread's sum is the op's output; the sums of the other threads are in this
/// object and are added to the output at the end of the segment.
class RoundSums {
 public:
  /// One output of a step that is a sum.
  struct Sum {
    std::size_t output = 0;        ///< which of the step's outputs
    std::size_t round_offset = 0;  ///< in a thread's memory for one round
    std::size_t own_offset = 0;    ///< in the memory of a thread's own sums
    std::unique_ptr<kernels::Kernel> add;
  };
  /// Which run of the step it is.
  struct Round {
    std::size_t thread = 0;
    bool first = true;  ///< of the thread's rounds
  };

  /// The next make() calls are for a step of this segment, which has this many rounds. Sums of different
  /// segments may share memory.
  void begin_step(const Segment& segment, std::size_t rounds);
  /// The step's output number `output`, of this shape and type in all rounds.
  [[nodiscard]] Sum make(std::size_t output, const kernels::Argument& whole);
  /// After all make(): memory for this many threads.
  void allocate(std::size_t threads);

  /// Sets outputs to the memory for this round's results; `wholes` are the step's outputs.
  void place(std::span<const Sum> sums, Round of, kernels::Outputs wholes,
             std::span<kernels::MutableView> outputs) const;
  /// After the op has run.
  void add_round(std::span<const Sum> sums, Round of, kernels::Outputs wholes) const;
  /// At the segment's end, after threads ran at once.
  void add_threads(std::span<const Sum> sums, kernels::Outputs wholes) const;

 private:
  [[nodiscard]] kernels::MutableView round_part(const Sum& sum, std::size_t thread) const;
  [[nodiscard]] kernels::MutableView own(const Sum& sum, std::size_t thread, kernels::Outputs wholes) const;

  // While sums are made.
  const Segment* segment_ = nullptr;
  bool has_later_rounds_ = false;
  std::size_t round_end_ = 0, own_end_ = 0;

  std::size_t round_bytes_ = 0, own_bytes_ = 0;  ///< of a thread
  std::vector<std::shared_ptr<void>> memory_;    ///< by thread: one round's, then its own sums
};

}  // namespace graft::plan
