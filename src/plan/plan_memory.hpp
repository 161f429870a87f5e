// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "graft/plan/program.hpp"

namespace graft::plan {

/// A place in the workspace for each computed value but those made from weights only (from_weights), which
/// are kept from run to run.
struct MemoryPlan {
  static constexpr std::size_t kNoSlot = static_cast<std::size_t>(-1);
  std::vector<std::size_t> offset;  ///< by value, in bytes; kNoSlot for all others
  /// By value: bytes from one thread's copy to the next one's; 0 where all threads share one.
  std::vector<std::size_t> thread_stride;
  std::size_t bytes = 0;  ///< of the workspace
};
[[nodiscard]] MemoryPlan plan_memory(const Program& program, const std::vector<bool>& from_weights);

}  // namespace graft::plan
