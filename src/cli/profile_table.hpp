// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/plan/plan.hpp"

namespace graft::cli {

/// What was measured of one plan.
struct Profile {
  std::vector<plan::StepInfo> steps;
  int runs = 1;        ///< that the steps' seconds are the sum of
  double seconds = 0;  ///< one whole run, the median of untimed ones
  double ceiling = 0;  ///< operations per second of a large matrix product
  std::size_t arena_bytes = 0;
};

/// Operations per second of a 2048 x 2048 x 2048 float32 product: what no convolution by products can exceed
/// by much on this machine. The best of several, as other programs only slow it down.
[[nodiscard]] double measure_ceiling();

/// One line an op, the costliest first (most: how many; 0: all), then sums by kind of op.
[[nodiscard]] std::string profile_table(const Profile& profile, std::size_t most);
/// {ms, ceiling_gflops, arena_bytes, steps: [{layer, op, implementation, shape, ms, gflop, of_ceiling,
/// share}]}
[[nodiscard]] Json profile_json(const Profile& profile);

}  // namespace graft::cli
