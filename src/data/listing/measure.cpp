// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <type_traits>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/image.hpp"

namespace graft::data {
namespace {

constexpr std::int64_t kLongestForBlur = 512;
constexpr std::int64_t kBlurWindow = 11;
constexpr std::size_t kMostPixelsToKeep = 1 << 20;
constexpr std::size_t kRowsToSkip = 256;  // of larger pictures the edges of every second row are enough

/// A grey picture, values 0 to 255.
struct Luma {
  std::int64_t height = 0, width = 0;
  std::vector<float> values;
  [[nodiscard]] float at(std::int64_t y, std::int64_t x) const {
    return values[static_cast<std::size_t>(y * width + x)];
  }
  /// Beyond the edge the picture is mirrored, the edge pixel twice.
  [[nodiscard]] static std::int64_t mirrored(std::int64_t at, std::int64_t size) {
    const std::int64_t period = 2 * size;
    const std::int64_t place = ((at % period) + period) % period;
    return place < size ? place : period - 1 - place;
  }
};

constexpr std::size_t kLevels = 256;

/// A channel's part in the luma of ITU-R BT.601, by its value. Three look-ups are faster than three
/// conversions and products.
constexpr std::array<float, kLevels> weighted(float weight) {
  std::array<float, kLevels> parts{};
  for (std::size_t value = 0; value < kLevels; ++value) parts[value] = weight * static_cast<float>(value);
  return parts;
}
constexpr std::array<float, kLevels> kRedPart = weighted(0.299F), kGreenPart = weighted(0.587F),
                                     kBluePart = weighted(0.114F);

/// Fills grey, whose memory is used again.
void take_luma(const Tensor& picture, Luma& grey) {
  grey.height = picture.shape()[0];
  grey.width = picture.shape()[1];
  const auto values = picture.data<std::uint8_t>();
  if (picture.shape()[2] == 1) return grey.values.assign(values.begin(), values.end());
  grey.values.resize(values.size() / 3);
  const std::uint8_t* pixel = values.data();
  for (float& value : grey.values) {
    value = kRedPart[pixel[0]] + kGreenPart[pixel[1]] + kBluePart[pixel[2]];
    pixel += 3;
  }
}

/// How many pixels have each level.
std::array<std::size_t, kLevels> levels_of(const std::vector<float>& values) {
  // Neighbours often have one level: each counts in a table of its own, so that none waits for the other.
  constexpr std::size_t kTables = 4;
  std::array<std::array<std::uint32_t, kLevels>, kTables> tables{};
  // Through int: a conversion to an unsigned 64-bit number is no single instruction.
  const auto level = [](float value) {
    return static_cast<std::size_t>(std::min(static_cast<int>(value), static_cast<int>(kLevels) - 1));
  };
  std::size_t i = 0;
  for (; i + kTables <= values.size(); i += kTables) {
    for (std::size_t table = 0; table < kTables; ++table) ++tables[table][level(values[i + table])];
  }
  for (; i < values.size(); ++i) ++tables[0][level(values[i])];
  std::array<std::size_t, kLevels> sums{};
  for (const auto& table : tables) {
    for (std::size_t one = 0; one < kLevels; ++one) sums[one] += table[one];
  }
  return sums;
}

/// For the blur of a large picture.
Luma reduced_luma(const Luma& grey) {
  const std::int64_t longer = std::max(grey.height, grey.width);
  const auto scaled = [&](std::int64_t side) {
    return std::max<std::int64_t>(1, side * kLongestForBlur / longer);
  };
  const Size2D size{scaled(grey.height), scaled(grey.width)};
  const Tensor small = resize(Tensor::from({grey.height, grey.width, 1}, grey.values), size,
                              {.interpolation = ResizeMethod::area});
  return {size.height, size.width, std::vector<float>(small.data().begin(), small.data().end())};
}

constexpr std::int64_t kHalfWindow = kBlurWindow / 2;

using LumaRow = std::vector<float>;

/// The mean of each kBlurWindow pixels of a column, row by row from the top.
class BlurDown {
 public:
  explicit BlurDown(const Luma& grey) : grey_(grey), sums_(static_cast<std::size_t>(grey.width), 0) {
    for (std::int64_t y = -kHalfWindow; y < kHalfWindow; ++y) add(y, sums_);
  }

  /// Of row y, which is called for 0, 1, 2 ...
  void next(std::int64_t y, float* out) {
    add(y + kHalfWindow, sums_);
    for (std::size_t x = 0; x < sums_.size(); ++x) out[x] = sums_[x] / static_cast<float>(kBlurWindow);
    const float* gone = row(y - kHalfWindow);
    for (std::size_t x = 0; x < sums_.size(); ++x) sums_[x] -= gone[x];
  }

 private:
  [[nodiscard]] const float* row(std::int64_t y) const {
    return &grey_.values[static_cast<std::size_t>(Luma::mirrored(y, grey_.height) * grey_.width)];
  }
  void add(std::int64_t y, LumaRow& sums) const {
    const float* added = row(y);
    for (std::size_t x = 0; x < sums.size(); ++x) sums[x] += added[x];
  }

  const Luma& grey_;
  LumaRow sums_;
};

/// The mean of each kBlurWindow pixels of a row.
class BlurAcross {
 public:
  explicit BlurAcross(const Luma& grey)
      : grey_(grey),
        line_(static_cast<std::size_t>(grey.width + kBlurWindow - 1)),
        twos_(line_.size()),
        fours_(line_.size()) {}

  void next(std::int64_t y, float* out) {
    const auto width = static_cast<std::size_t>(grey_.width);
    std::copy_n(&grey_.values[static_cast<std::size_t>(y) * width], width, &line_[kHalfWindow]);
    for (std::int64_t i = 0; i < kHalfWindow; ++i) {
      line_[static_cast<std::size_t>(i)] = grey_.at(y, Luma::mirrored(i - kHalfWindow, grey_.width));
      line_[static_cast<std::size_t>(i + kHalfWindow + grey_.width)] =
          grey_.at(y, Luma::mirrored(i + grey_.width, grey_.width));
    }
    // 11 = 8 + 2 + 1: sums of 2, 4 and 8 neighbours, in place of 11 additions a pixel.
    static_assert(kBlurWindow == 11);
    for (std::size_t x = 0; x + 1 < line_.size(); ++x) twos_[x] = line_[x] + line_[x + 1];
    for (std::size_t x = 0; x + 3 < line_.size(); ++x) fours_[x] = twos_[x] + twos_[x + 2];
    for (std::size_t x = 0; x < width; ++x)
      out[x] = (fours_[x] + fours_[x + 4] + twos_[x + 8] + line_[x + 10]) / static_cast<float>(kBlurWindow);
  }

 private:
  const Luma& grey_;
  LumaRow line_, twos_, fours_;
};

/// Three rows, one below the other.
struct ThreeRows {
  const float* above = nullptr;
  const float* middle = nullptr;
  const float* below = nullptr;
};

/// |Sobel| at the inner pixels of the middle row: edges[x] for x from 1 on. sums: as wide as a row.
template <int kAxis>
void edges_of(const ThreeRows& rows, LumaRow& sums, LumaRow& edges) {
  const std::size_t width = sums.size();
  for (std::size_t x = 0; x < width; ++x) {
    sums[x] = kAxis == 0 ? rows.below[x] - rows.above[x] : rows.above[x] + 2 * rows.middle[x] + rows.below[x];
  }
  for (std::size_t x = 1; x + 1 < width; ++x) {
    edges[x] = kAxis == 0 ? std::abs(sums[x - 1] + 2 * sums[x] + sums[x + 1]) / 8
                          : std::abs(sums[x + 1] - sums[x - 1]) / 8;
  }
}

/// How much of the edges along an axis (0: down, 1: across) is left after a blur; 0 for a picture without
/// edges, or smaller than the window. Sums stand column by column, so that they are vectors.
template <int kAxis>
double blur_along(const Luma& grey) {
  const auto width = static_cast<std::size_t>(grey.width);
  const auto rows = static_cast<std::size_t>(grey.height);
  std::conditional_t<kAxis == 0, BlurDown, BlurAcross> blur(grey);
  std::array<LumaRow, 3> soft{LumaRow(width), LumaRow(width), LumaRow(width)};
  LumaRow sums(width), sharp_edges(width), soft_edges(width), all(width, 0), lost(width, 0);
  for (std::size_t y = 0; y < rows; ++y) {
    blur.next(static_cast<std::int64_t>(y), soft[y % 3].data());
    if (y < 3 || (rows > kRowsToSkip && y % 2 == 1)) continue;
    const float* middle = &grey.values[(y - 1) * width];
    edges_of<kAxis>({middle - width, middle, middle + width}, sums, sharp_edges);
    edges_of<kAxis>({soft[(y - 2) % 3].data(), soft[(y - 1) % 3].data(), soft[y % 3].data()}, sums,
                    soft_edges);
    for (std::size_t x = 2; x + 1 < width; ++x) {
      all[x] += sharp_edges[x];
      lost[x] += std::max(0.0F, sharp_edges[x] - soft_edges[x]);
    }
  }
  const double edges = std::accumulate(all.begin(), all.end(), 0.0);
  return edges > 0 ? (edges - std::accumulate(lost.begin(), lost.end(), 0.0)) / edges : 0;
}

}  // namespace

PhotoMeasures measure_photo(const Tensor& picture) {
  const Shape& shape = picture.shape();
  if (shape.rank() != 3 || picture.empty() || (shape[2] != 1 && shape[2] != 3) ||
      picture.dtype() != DType::uint8) {
    fail(ErrorKind::shape_mismatch, "measure_photo: expected a picture uint8 (H, W, 1 or 3), received ",
         to_string(picture.dtype()), " ", shape);
  }
  // A small picture's memory is obtained once a thread: the system clears each new page.
  thread_local Luma grey;
  take_luma(picture, grey);
  PhotoMeasures measures{.height = grey.height, .width = grey.width};
  const std::array<std::size_t, kLevels> histogram = levels_of(grey.values);
  double sum = 0, squares = 0;
  for (std::size_t level = 0; level < kLevels; ++level) {
    sum += static_cast<double>(level * histogram[level]);
    squares += static_cast<double>(level * level * histogram[level]);
  }
  const auto count = static_cast<double>(grey.values.size());
  const auto level_of = [&](double share) {
    double below = 0;
    std::size_t level = 0;
    while (level < kLevels - 1 && (below += static_cast<double>(histogram[level])) < share * count) ++level;
    return static_cast<double>(level);
  };
  measures.dark = level_of(0.05);
  measures.bright = level_of(0.95);
  measures.contrast = std::sqrt(std::max(0.0, squares / count - sum / count * (sum / count)));
  const bool is_large = std::max(grey.height, grey.width) > kLongestForBlur;
  const Luma reduced = is_large ? reduced_luma(grey) : Luma();
  const Luma& small = is_large ? reduced : grey;
  measures.blur = std::max(blur_along<0>(small), blur_along<1>(small));
  if (grey.values.capacity() > kMostPixelsToKeep) grey = {};
  return measures;
}

}  // namespace graft::data
