// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/plan/plan.hpp"

namespace graft::cli {

/// The ceiling is a product of two matrices of this size.
inline constexpr std::int64_t kProductSize = 2048;

/// What was measured of one plan.
struct Profile {
  std::vector<plan::StepInfo> steps;
  int runs = 1;        ///< that the steps' seconds are the sum of
  double seconds = 0;  ///< one whole run, the median of untimed ones
  double ceiling = 0;  ///< operations per second of a large matrix product, in float32
  std::size_t arena_bytes = 0;
};

/// One line an op, the costliest first (most: how many; 0: all), then sums by kind of op.
[[nodiscard]] std::string profile_table(const Profile& profile, std::size_t most);
/// {ms, ceiling_gflops, arena_bytes, steps: [{layer, op, implementation, shape, ms, gflop, of_ceiling,
/// share}]}
[[nodiscard]] Json profile_json(const Profile& profile);

}  // namespace graft::cli
