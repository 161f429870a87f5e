// SPDX-License-Identifier: Apache-2.0
#include "data/listing/blur.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <type_traits>

#include "graft/base/target_clones.hpp"

namespace graft::data {
namespace {

constexpr std::size_t kBlurWindow = 11, kHalfWindow = kBlurWindow / 2;
constexpr float kWindowShare = 1.0F / kBlurWindow;
constexpr std::size_t kRowsToSkip = 256;  // of larger pictures the edges of every second row are enough

using LumaRow = std::vector<float>;

/// Beyond the edge the picture is mirrored, the edge pixel twice.
std::size_t mirrored(std::int64_t at, std::size_t size) {
  const auto period = 2 * static_cast<std::int64_t>(size);
  const auto place = static_cast<std::size_t>(((at % period) + period) % period);
  return place < size ? place : 2 * size - 1 - place;
}

GRAFT_CLONES void add_row(const float* row, float* sums, std::size_t width) {
  for (std::size_t x = 0; x < width; ++x) sums[x] += row[x];
}

/// The window's lowest row is added, the mean written, the highest row taken away.
GRAFT_CLONES void move_window(const float* added, const float* gone, float* sums, float* means,
                              std::size_t width) {
  for (std::size_t x = 0; x < width; ++x) {
    const float sum = sums[x] + added[x];
    means[x] = sum * kWindowShare;
    sums[x] = sum - gone[x];
  }
}

/// line: the row with kHalfWindow pixels on either side. 11 = 8 + 2 + 1: sums of 2 and 4 neighbours, in place
/// of 11 additions a pixel.
GRAFT_CLONES void mean_across(const float* line, float* twos, float* fours, float* means, std::size_t width) {
  static_assert(kBlurWindow == 11);
  const std::size_t length = width + kBlurWindow - 1;
  for (std::size_t x = 0; x + 1 < length; ++x) twos[x] = line[x] + line[x + 1];
  for (std::size_t x = 0; x + 3 < length; ++x) fours[x] = twos[x] + twos[x + 2];
  for (std::size_t x = 0; x < width; ++x)
    means[x] = (fours[x] + fours[x + 4] + twos[x + 8] + line[x + 10]) * kWindowShare;
}

/// The mean of each kBlurWindow pixels of a column, row by row from the top.
class BlurDown {
 public:
  explicit BlurDown(const Luma& grey) : grey_(grey), sums_(grey.width, 0) {
    const auto half = static_cast<std::int64_t>(kHalfWindow);
    for (std::int64_t y = -half; y < half; ++y) add_row(row(y), sums_.data(), sums_.size());
  }

  /// Of row y, which is called for 0, 1, 2 ...
  void next(std::size_t y, float* means) {
    const auto at = static_cast<std::int64_t>(y), half = static_cast<std::int64_t>(kHalfWindow);
    move_window(row(at + half), row(at - half), sums_.data(), means, sums_.size());
  }

 private:
  [[nodiscard]] const float* row(std::int64_t y) const {
    return &grey_.values[mirrored(y, grey_.height) * grey_.width];
  }

  const Luma& grey_;
  LumaRow sums_;
};

/// The mean of each kBlurWindow pixels of a row.
class BlurAcross {
 public:
  explicit BlurAcross(const Luma& grey)
      : grey_(grey), line_(grey.width + kBlurWindow - 1), twos_(line_.size()), fours_(line_.size()) {}

  void next(std::size_t y, float* means) {
    const std::size_t width = grey_.width;
    const float* row = &grey_.values[y * width];
    std::copy_n(row, width, &line_[kHalfWindow]);
    for (std::size_t i = 0; i < kHalfWindow; ++i) {
      const auto right = static_cast<std::int64_t>(width + i);
      line_[i] = row[mirrored(static_cast<std::int64_t>(i) - static_cast<std::int64_t>(kHalfWindow), width)];
      line_[kHalfWindow + width + i] = row[mirrored(right, width)];
    }
    mean_across(line_.data(), twos_.data(), fours_.data(), means, width);
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

/// |Sobel| at the inner pixels of the middle row: edges[x] for x from 1 to width - 2. sums: as wide as a row.
GRAFT_CLONES void edges_down(const ThreeRows& rows, float* sums, float* edges, std::size_t width) {
  const float *above = rows.above, *below = rows.below;
  for (std::size_t x = 0; x < width; ++x) sums[x] = below[x] - above[x];
  for (std::size_t x = 1; x + 1 < width; ++x)
    edges[x] = std::abs(sums[x - 1] + 2 * sums[x] + sums[x + 1]) * 0.125F;
}

GRAFT_CLONES void edges_across(const ThreeRows& rows, float* sums, float* edges, std::size_t width) {
  const float *above = rows.above, *middle = rows.middle, *below = rows.below;
  for (std::size_t x = 0; x < width; ++x) sums[x] = above[x] + 2 * middle[x] + below[x];
  for (std::size_t x = 1; x + 1 < width; ++x) edges[x] = std::abs(sums[x + 1] - sums[x - 1]) * 0.125F;
}

/// Sums stand column by column, so that they are vectors.
GRAFT_CLONES void add_edges(const float* sharp, const float* soft, float* all, float* lost,
                            std::size_t width) {
  for (std::size_t x = 2; x + 1 < width; ++x) {
    all[x] += sharp[x];
    lost[x] += std::max(0.0F, sharp[x] - soft[x]);
  }
}

double total_of(const LumaRow& sums) { return std::accumulate(sums.begin(), sums.end(), 0.0); }

/// How much of the edges along an axis (0: down, 1: across) is left after a blur.
template <int kAxis>
double blur_along(const Luma& grey) {
  const std::size_t width = grey.width, rows = grey.height;
  const auto edges_of = kAxis == 0 ? edges_down : edges_across;
  std::conditional_t<kAxis == 0, BlurDown, BlurAcross> blur(grey);
  std::array<LumaRow, 3> soft{LumaRow(width), LumaRow(width), LumaRow(width)};
  LumaRow sums(width), sharp_edges(width), soft_edges(width), all(width, 0), lost(width, 0);
  for (std::size_t y = 0; y < rows; ++y) {
    blur.next(y, soft[y % 3].data());
    if (y < 3 || (rows > kRowsToSkip && y % 2 == 1)) continue;
    const float* middle = &grey.values[(y - 1) * width];
    edges_of({middle - width, middle, middle + width}, sums.data(), sharp_edges.data(), width);
    edges_of({soft[(y - 2) % 3].data(), soft[(y - 1) % 3].data(), soft[y % 3].data()}, sums.data(),
             soft_edges.data(), width);
    add_edges(sharp_edges.data(), soft_edges.data(), all.data(), lost.data(), width);
  }
  const double edges = total_of(all);
  return edges > 0 ? (edges - total_of(lost)) / edges : 0;
}

}  // namespace

double blur_of(const Luma& grey) { return std::max(blur_along<0>(grey), blur_along<1>(grey)); }

}  // namespace graft::data
