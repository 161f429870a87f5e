// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/execution_scope.hpp"
#include "graft/kernels/kernel.hpp"
#include "graft/kernels/product_speed.hpp"
#include "graft/plan/plan.hpp"

namespace graft::plan {
namespace {

/// What bfloat16 must gain in products to be worth its roundings. Processors are far from it on either side:
/// measured were 2 (AMD Zen 4 and 5) and 0.6 (an Intel Xeon of 2023 whose matrix unit the host hides).
constexpr double kLeastGain = 1.25;

/// On one thread and in short turns, of which the best counts: other programs, which disturb many of them, do
/// not change the result.
double gain_by_bfloat16() {
  constexpr std::int64_t kSize = 256;  // a fraction of a millisecond a product
  constexpr int kTurns = 6;
  const ExecutionScope alone({.threads = 1});
  double mixed = 0, exact = 0;
  for (int turn = 0; turn < kTurns; ++turn) {
    mixed = std::max(mixed, kernels::product_speed(DType::bfloat16, kSize));
    exact = std::max(exact, kernels::product_speed(DType::float32, kSize));
  }
  return mixed / exact;
}

}  // namespace

bool has_fast_mixed_precision() {
  static const bool fast = kernels::has_bfloat16() && gain_by_bfloat16() >= kLeastGain;
  return fast;
}

}  // namespace graft::plan
