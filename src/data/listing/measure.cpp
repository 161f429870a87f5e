// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/target_clones.hpp"
#include "graft/image.hpp"

#include "data/decode/picture.hpp"
#include "data/listing/blur.hpp"

namespace graft::data {
namespace {

constexpr std::int64_t kLongestForBlur = 512;
constexpr std::size_t kLevels = 256;

GRAFT_CLONES void to_float(const std::uint8_t* values, float* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<float>(values[i]);
}

using Histogram = std::array<std::size_t, kLevels>;

/// How many pixels have each level.
Histogram histogram_of(std::span<const std::uint8_t> values) {
  // Neighbours often have one level: each counts in a table of its own, so that none waits for the other.
  constexpr std::size_t kTables = 4;
  std::array<std::array<std::uint32_t, kLevels>, kTables> tables{};
  std::size_t i = 0;
  for (; i + kTables <= values.size(); i += kTables) {
    for (std::size_t table = 0; table < kTables; ++table) ++tables[table][values[i + table]];
  }
  for (; i < values.size(); ++i) ++tables[0][values[i]];
  Histogram sums{};
  for (const auto& table : tables) {
    for (std::size_t level = 0; level < kLevels; ++level) sums[level] += table[level];
  }
  return sums;
}

/// The levels of a picture: the darkest and brightest part, and how far they are apart.
void measure_levels(const Histogram& histogram, PhotoMeasures& measures) {
  double count = 0, sum = 0, squares = 0;
  for (std::size_t level = 0; level < kLevels; ++level) {
    count += static_cast<double>(histogram[level]);
    sum += static_cast<double>(level * histogram[level]);
    squares += static_cast<double>(level * level * histogram[level]);
  }
  const auto level_of = [&](double share) {
    double below = 0;
    std::size_t level = 0;
    while (level < kLevels - 1 && (below += static_cast<double>(histogram[level])) < share * count) ++level;
    return static_cast<double>(level);
  };
  measures.dark = level_of(0.05);
  measures.bright = level_of(0.95);
  measures.contrast = std::sqrt(std::max(0.0, squares / count - sum / count * (sum / count)));
}

/// A large picture is made smaller.
Luma luma_for_blur(const Tensor& grey) {
  const std::int64_t height = grey.shape()[0], width = grey.shape()[1], longer = std::max(height, width);
  if (longer <= kLongestForBlur) {
    Luma whole{static_cast<std::size_t>(height), static_cast<std::size_t>(width), {}};
    whole.values.resize(whole.height * whole.width);
    to_float(grey.data<std::uint8_t>().data(), whole.values.data(), whole.values.size());
    return whole;
  }
  const auto scaled = [&](std::int64_t side) {
    return std::max<std::int64_t>(1, side * kLongestForBlur / longer);
  };
  const Size2D size{scaled(height), scaled(width)};
  const Tensor small = resize(grey, size, {.interpolation = ResizeMethod::area});
  return {static_cast<std::size_t>(size.height), static_cast<std::size_t>(size.width),
          std::vector<float>(small.data().begin(), small.data().end())};
}

}  // namespace

PhotoMeasures measure_photo(const Tensor& picture) {
  const Shape& shape = picture.shape();
  if (shape.rank() != 3 || picture.empty() || (shape[2] != 1 && shape[2] != 3) ||
      picture.dtype() != DType::uint8) {
    fail(ErrorKind::shape_mismatch, "measure_photo: expected a picture uint8 (H, W, 1 or 3), received ",
         to_string(picture.dtype()), " ", shape);
  }
  PhotoMeasures measures{.height = shape[0], .width = shape[1]};
  const Tensor grey = to_color_mode(picture, ColorMode::grayscale);
  measure_levels(histogram_of(grey.data<std::uint8_t>()), measures);
  measures.blur = blur_of(luma_for_blur(grey));
  return measures;
}

}  // namespace graft::data
