// SPDX-License-Identifier: Apache-2.0
#include "graft/base/random.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace graft {

__extension__ using Wide = unsigned __int128;

std::uint64_t fnv1a(std::string_view text, std::uint64_t before) {
  std::uint64_t hash = before;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

std::uint64_t mix64(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

Rng::Rng(std::uint64_t seed, std::uint64_t stream)
    : key_(mix64(mix64(seed) ^ (stream * 0xD1B54A32D192ED03ULL))) {}

std::uint64_t Rng::next() { return mix64(key_ + counter_++); }

double Rng::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double Rng::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Rng::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::uint64_t Rng::below(std::uint64_t bound) {
  // Lemire's multiply-shift; the bias of at most bound / 2^64 is far below anything measurable here.
  return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
}

std::vector<std::size_t> Rng::permutation(std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
  return order;
}

}  // namespace graft
