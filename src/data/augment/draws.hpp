// SPDX-License-Identifier: Apache-2.0
// What augmentations draw, and what they share.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"
#include "graft/dataset.hpp"

namespace graft::data {

inline double draw(Rng& rng, const RangeFromZero& range) { return rng.uniform(range.low, range.high); }

/// log of a Gamma(shape) number (Marsaglia and Tsang 2000); the log, because shapes near 0 produce numbers
/// near 0.
inline double draw_log_gamma(Rng& rng, double shape) {
  if (shape < 1) return draw_log_gamma(rng, shape + 1) + std::log(1 - rng.uniform()) / shape;
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double z = rng.normal();
    const double v = 1 + c * z;
    if (v <= 0) continue;
    const double cube = v * v * v;
    if (std::log(1 - rng.uniform()) < z * z / 2 + d - d * cube + d * std::log(cube))
      return std::log(d * cube);
  }
}

/// A number of the Beta(alpha, alpha) distribution.
inline double draw_beta(Rng& rng, double alpha) {
  const double a = draw_log_gamma(rng, alpha);
  const double b = draw_log_gamma(rng, alpha);
  return 1 / (1 + std::exp(b - a));
}

/// A stretch of so much of an axis, anywhere on it: from and to, in pixels with fractions.
inline std::pair<double, double> draw_stretch(Rng& rng, double part, std::int64_t length) {
  const double size = part * static_cast<double>(length);
  const double begin = rng.uniform() * (static_cast<double>(length) - size);
  return {begin, begin + size};
}

/// The stream of one augmentation in one batch, named by the key and its own seed.
inline Rng stream(std::uint64_t key, const std::optional<std::uint64_t>& seed, const char* name) {
  return Rng(mix64(key ^ fnv1a(name)) ^ mix64(seed.value_or(0)));
}

inline void check_within(const char* name, const char* option, const RangeFromZero& range, double most) {
  if (!(range.low >= 0 && range.low <= range.high && range.high <= most)) {
    fail(ErrorKind::invalid_argument, name, ": ", option, ": expected a range within 0 to ", most,
         ", received ", range.low, " to ", range.high);
  }
}

/// Throws Error{invalid_argument} unless the batch holds float32 photos (N, H, W, C).
void check_images(const Batch& batch, const std::string& name);
/// Throws Error{invalid_argument} unless the labels are float32 (N, K).
void check_distributions(const Batch& batch, const std::string& name);
/// share[i] of each row and 1 - share[i] of row order[i].
[[nodiscard]] Tensor blended(const Tensor& rows, const std::vector<std::size_t>& order,
                             const std::vector<float>& shares);

}  // namespace graft::data
