// SPDX-License-Identifier: Apache-2.0
// Pictures that graft takes for the same photo, or for another one.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include "graft/base/random.hpp"

namespace graft::test {

/// A picture of soft waves, another for each seed; shift: number of levels by which it is brighter.
inline void write_wave_photo(const std::filesystem::path& path, std::uint64_t seed, int shift = 0) {
  constexpr int kSide = 48;
  std::filesystem::create_directories(path.parent_path());
  Rng random(seed);
  std::array<std::array<double, 4>, 10> waves{};
  for (auto& wave : waves)
    wave = {random.uniform(-12, 12), random.uniform(-12, 12), random.uniform(0, 6.28), random.uniform(4, 20)};
  std::ofstream out(path, std::ios::binary);
  out << "P6 " << kSide << ' ' << kSide << " 255\n";
  for (int i = 0; i < kSide * kSide; ++i) {
    double value = 120 + shift;
    for (const auto& [fy, fx, phase, height] : waves)
      value += height * std::sin(fy * (i / kSide) / kSide + fx * (i % kSide) / kSide + phase);
    const char level = static_cast<char>(std::clamp(std::lround(value), 0L, 255L));
    out << level << level << level;
  }
}

}  // namespace graft::test
