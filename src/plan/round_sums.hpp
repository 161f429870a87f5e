// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "graft/kernels/kernel.hpp"

#include "plan/program.hpp"

namespace graft::plan {

/// Adds up what ops sum over the samples where they get a few of them at a time: gradients of weights. The
/// first round of a thread writes to the thread's own sum, each later one to a memory for one round, which is
/// added to it. The first thread's own sum is the op's output; those of the others live in here until the end
/// of the segment, where they are added to it.
class RoundSums {
 public:
  /// One output of a step that is a sum.
  struct Sum {
    std::size_t output = 0;        ///< which of the step's outputs
    std::size_t round_offset = 0;  ///< in a thread's memory for one round
    std::size_t own_offset = 0;    ///< in the memory of a thread's own sums
    std::unique_ptr<kernels::Kernel> add;
  };
  /// Whose run it is.
  struct Turn {
    std::size_t thread = 0;
    bool first = true;  ///< of the thread's rounds
  };

  /// Sums made from here on are of a step of this segment, which has so many rounds. Those of another
  /// segment may lie where the last one's lay.
  void begin_step(const Segment& segment, std::size_t rounds);
  /// The step's output number `output`, of this shape and type in all rounds.
  [[nodiscard]] Sum make(std::size_t output, const kernels::Argument& whole);
  /// After all make(): for so many threads.
  void allocate(std::size_t threads);

  /// Puts the places for this turn's results into outputs; `wholes` are the step's outputs.
  void place(std::span<const Sum> sums, Turn turn, kernels::Outputs wholes,
             std::span<kernels::MutableView> outputs) const;
  /// After the op has run.
  void add_round(std::span<const Sum> sums, Turn turn, kernels::Outputs wholes) const;
  /// At the segment's end, where threads ran at once.
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
