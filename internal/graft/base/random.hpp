// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace graft {

/// FNV-1a, 64 bit: a stable hash of a name, the same on every machine. before: the hash of the preceding
/// text.
inline constexpr std::uint64_t kFnv1aOfNothing = 0xCBF29CE484222325;
[[nodiscard]] std::uint64_t fnv1a(std::string_view text, std::uint64_t before = kFnv1aOfNothing);

/// splitmix64's finaliser: spreads a counter over 64 bits.
[[nodiscard]] std::uint64_t mix64(std::uint64_t value);

/// Reproducible random numbers: a counter hashed with a key, so that a stream is named by (seed, purpose) and
/// its n-th number does not need the ones before. Same seed, same numbers, on every machine. Threads: one
/// object per thread; objects are independent.
class Rng {
 public:
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0);

  [[nodiscard]] std::uint64_t next();
  /// Uniform in [0, 1).
  [[nodiscard]] double uniform();
  /// Uniform in [low, high).
  [[nodiscard]] double uniform(double low, double high);
  /// Standard normal (Box-Muller).
  [[nodiscard]] double normal();
  /// Uniform integer in [0, bound); bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);
  /// A random order of 0..count-1 (Fisher-Yates).
  [[nodiscard]] std::vector<std::size_t> permutation(std::size_t count);
  /// The number of draws so far; together with seed and stream the whole state.
  [[nodiscard]] std::uint64_t position() const { return counter_; }
  void seek(std::uint64_t position) { counter_ = position; }

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

}  // namespace graft
