// SPDX-License-Identifier: Apache-2.0
// How something is computed: threads, number format and seed, as one value in the options of whatever
// computes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#pragma GCC visibility push(default)

namespace graft {

/// Number format of computations (keras.dtype_policies).
enum class DTypePolicy {
  float32,
  /// Convolutions and products of bfloat16 numbers with float32 sums; activations in bfloat16; weights, their
  /// gradients, statistics, outputs and the loss in float32.
  mixed_bfloat16,
  /// Inference only: convolutions and products of 8-bit numbers with 32-bit sums, the values between them in
  /// 8 bits, the rest in float32. Needs PlanOptions::ranges.
  int8,
};
/// "float32", "mixed_bfloat16", "int8". Throws Error{invalid_argument} listing them.
[[nodiscard]] DTypePolicy dtype_policy_from_name(std::string_view name);
[[nodiscard]] std::string_view to_string(DTypePolicy policy);

/// Settings of one computation. A field that is unset takes the caller's: the value of the enclosing
/// computation (a plan made inside fit() has fit()'s), else the process default below. Two computations in
/// two threads never see each other's settings.
struct Execution {
  int threads = 0;  ///< 0: unset
  std::optional<DTypePolicy> dtype_policy{};
  std::optional<std::uint64_t> seed{};  ///< of initial weights, Dropout, random layers and augmentation
};

// What the calling thread computes with: the innermost computation's settings, else the process defaults.

/// Threads that kernels use (oneDNN's and graft's own). 1 inside parallel_for, where each thread computes
/// alone.
[[nodiscard]] int num_threads();
[[nodiscard]] DTypePolicy dtype_policy();
[[nodiscard]] std::uint64_t random_seed();

// Process defaults, for programs: they apply in every thread to computations that begin later and leave the
// setting unset. Threads: any.

/// Default: available_cores(). Results are bit-equal for equal counts. Throws Error{invalid_argument}
/// below 1.
void set_num_threads(int count);
/// Default: float32 (keras.config.set_dtype_policy).
void set_dtype_policy(DTypePolicy policy);
/// Default: 0 (keras.utils.set_random_seed).
void set_random_seed(std::uint64_t seed);

/// Cores that this process may use: those of its affinity mask, at most the CPU quota of its control group (a
/// container's limit), rounded up; OMP_NUM_THREADS where it is set. At least 1. Read once.
[[nodiscard]] int available_cores();

}  // namespace graft

#pragma GCC visibility pop
