// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/plan/plan.hpp"

namespace graft::cli {

/// The ceiling is measured with a product of two square matrices of this size.
inline constexpr std::int64_t kProductSize = 2048;

/// Measurements of one plan.
struct Profile {
  std::vector<plan::StepInfo> steps;
  int runs = 1;        ///< the steps' seconds are sums over this many runs
  double seconds = 0;  ///< of one whole run: median of runs without timers in the steps
  double ceiling = 0;  ///< operations per second of a large float32 matrix product
  std::size_t arena_bytes = 0;
};

/// One line per op, slowest first, at most `most` of them (0: all), then sums by kind of op.
[[nodiscard]] std::string profile_table(const Profile& profile, std::size_t most);
/// {ms, ceiling_gflops, arena_bytes, steps: [{layer, op, implementation, shape, ms, gflop, of_ceiling,
/// share}]}
[[nodiscard]] Json profile_json(const Profile& profile);

}  // namespace graft::cli
