// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <span>

#include "graft/base/fail.hpp"
#include "graft/hash.hpp"
#include "graft/image.hpp"

namespace graft::data {
namespace {

constexpr std::size_t kGrid = 32, kFrequencies = 9;  // the first row and column are left out
using Grey = std::vector<double>;                    // rows of a picture

template <typename Value>
Grey grey_of_values(std::span<const Value> values, std::size_t channels) {
  Grey grey(values.size() / channels);
  const Value* in = values.data();
  for (std::size_t i = 0; i < grey.size(); ++i, in += channels) {
    grey[i] = channels < 3 ? static_cast<double>(in[0])
                           : 0.299 * static_cast<double>(in[0]) + 0.587 * static_cast<double>(in[1]) +
                                 0.114 * static_cast<double>(in[2]);
  }
  return grey;
}

/// Luma of each pixel. Colours weigh as in JPEG.
Grey grey_of(const Tensor& picture) {
  const auto channels = static_cast<std::size_t>(picture.shape()[2]);
  return picture.dtype() == DType::uint8 ? grey_of_values(picture.data<std::uint8_t>(), channels)
                                         : grey_of_values(picture.data<float>(), channels);
}

/// One axis of a mean over areas: what part of the pixels begin.. each cell covers.
struct Cell {
  std::size_t first = 0;
  std::vector<double> parts;
};

std::vector<Cell> cells_of(std::size_t from, std::size_t to) {
  std::vector<Cell> cells(to);
  const double step = static_cast<double>(from) / static_cast<double>(to);
  for (std::size_t i = 0; i < to; ++i) {
    const double begin = static_cast<double>(i) * step;
    const double end = begin + step;
    cells[i].first = std::min(static_cast<std::size_t>(begin), from - 1);
    for (std::size_t at = cells[i].first; at < from && static_cast<double>(at) < end - 1e-9; ++at) {
      const double covered =
          std::min(end, static_cast<double>(at + 1)) - std::max(begin, static_cast<double>(at));
      cells[i].parts.push_back(covered / step);
    }
  }
  return cells;
}

/// The mean over each cell of a grid of side x side.
Grey shrink(const Grey& grey, std::size_t height, std::size_t width, std::size_t side) {
  const std::vector<Cell> columns = cells_of(width, side);
  const std::vector<Cell> rows = cells_of(height, side);
  Grey narrow(height * side, 0.0);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < side; ++x) {
      for (std::size_t i = 0; i < columns[x].parts.size(); ++i)
        narrow[y * side + x] += columns[x].parts[i] * grey[y * width + columns[x].first + i];
    }
  }
  Grey small(side * side, 0.0);
  for (std::size_t y = 0; y < side; ++y) {
    for (std::size_t i = 0; i < rows[y].parts.size(); ++i) {
      for (std::size_t x = 0; x < side; ++x)
        small[y * side + x] += rows[y].parts[i] * narrow[(rows[y].first + i) * side + x];
    }
  }
  return small;
}

/// cos(pi f (2 x + 1) / 64) for the lowest frequencies f.
const std::array<std::array<double, kGrid>, kFrequencies>& cosines() {
  static const auto table = [] {
    std::array<std::array<double, kGrid>, kFrequencies> values{};
    for (std::size_t f = 0; f < kFrequencies; ++f) {
      for (std::size_t x = 0; x < kGrid; ++x)
        values[f][x] = std::cos(std::numbers::pi * static_cast<double>(f * (2 * x + 1)) / (2.0 * kGrid));
    }
    return values;
  }();
  return table;
}

std::uint64_t pattern_of(const Grey& grid) {
  const auto& cosine = cosines();
  std::array<double, 64> waves{};
  for (std::size_t v = 1; v < kFrequencies; ++v) {
    for (std::size_t u = 1; u < kFrequencies; ++u) {
      double sum = 0;
      for (std::size_t y = 0; y < kGrid; ++y) {
        double row = 0;
        for (std::size_t x = 0; x < kGrid; ++x) row += cosine[u][x] * grid[y * kGrid + x];
        sum += cosine[v][y] * row;
      }
      waves[(v - 1) * 8 + u - 1] = sum;
    }
  }
  std::array<double, 64> sorted = waves;
  std::ranges::nth_element(sorted, sorted.begin() + 32);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 64; ++i) bits |= static_cast<std::uint64_t>(waves[i] >= sorted[32]) << i;
  return bits;
}

/// Stretched to 0..255, so that a little more light makes no difference.
void set_thumbnail(Fingerprint& print, const Grey& small) {
  constexpr double kLeastContrast = 16;
  const auto [low, high] = std::ranges::minmax(small);
  print.flat = !(high - low >= kLeastContrast);
  if (print.flat) return;
  for (std::size_t i = 0; i < small.size(); ++i) {
    const double value = (small[i] - low) / (high - low) * 255;
    print.thumbnail[i] = static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
  }
}

}  // namespace

Fingerprint fingerprint(const Tensor& picture) {
  const Shape& shape = picture.shape();
  if (shape.rank() != 3 || picture.count() == 0 || shape[2] > 4 || shape[2] == 2 ||
      (picture.dtype() != DType::uint8 && picture.dtype() != DType::float32)) {
    fail(ErrorKind::shape_mismatch,
         "fingerprint: expected a picture (H, W, 1, 3 or 4), uint8 or float32, received ",
         to_string(picture.dtype()), " ", shape);
  }
  const auto height = static_cast<std::size_t>(shape[0]);
  const auto width = static_cast<std::size_t>(shape[1]);
  const Grey grey = grey_of(picture);
  Fingerprint result;
  result.pixels = Hasher()
                      .add(std::span(static_cast<const std::byte*>(picture.raw()), picture.size_bytes()))
                      .add(height)
                      .add(width)
                      .digest()
                      .low;
  result.pattern = pattern_of(shrink(grey, height, width, kGrid));
  set_thumbnail(result, shrink(grey, height, width, Fingerprint::kSide));
  return result;
}

}  // namespace graft::data
