// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/image.hpp"
#include "graft/inspect.hpp"

namespace graft::inspect {
namespace {

constexpr std::int64_t kLongestForBlur = 512;
constexpr std::int64_t kBlurWindow = 11;

/// A grey picture, values 0 to 255.
struct Grey {
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

Grey grey_of(const Tensor& picture) {
  Grey grey{picture.shape()[0], picture.shape()[1], {}};
  const auto channels = static_cast<std::size_t>(picture.shape()[2]);
  const auto values = picture.data<std::uint8_t>();
  grey.values.resize(values.size() / channels);
  for (std::size_t i = 0; i < grey.values.size(); ++i) {
    const std::uint8_t* pixel = &values[i * channels];
    grey.values[i] = channels == 1
                         ? static_cast<float>(pixel[0])
                         : 0.299F * static_cast<float>(pixel[0]) + 0.587F * static_cast<float>(pixel[1]) +
                               0.114F * static_cast<float>(pixel[2]);
  }
  return grey;
}

Grey shrunk(const Grey& grey) {
  const std::int64_t longer = std::max(grey.height, grey.width);
  if (longer <= kLongestForBlur) return grey;
  const auto scaled = [&](std::int64_t side) {
    return std::max<std::int64_t>(1, side * kLongestForBlur / longer);
  };
  const Size2D size{scaled(grey.height), scaled(grey.width)};
  const Tensor small = data::resize(Tensor::from({grey.height, grey.width, 1}, grey.values), size,
                                    {.interpolation = data::ResizeMethod::area});
  return {size.height, size.width, std::vector<float>(small.data().begin(), small.data().end())};
}

constexpr std::int64_t kHalfWindow = kBlurWindow / 2;

/// The mean of each kBlurWindow pixels of a column.
Grey blurred_down(const Grey& grey) {
  Grey result{grey.height, grey.width, std::vector<float>(grey.values.size())};
  const auto width = static_cast<std::size_t>(grey.width);
  const auto row = [&](std::int64_t y) {
    return &grey.values[static_cast<std::size_t>(Grey::mirrored(y, grey.height)) * width];
  };
  std::vector<double> sums(width, 0);
  for (std::int64_t y = -kHalfWindow; y <= kHalfWindow; ++y) {
    const float* added = row(y);
    for (std::size_t x = 0; x < width; ++x) sums[x] += static_cast<double>(added[x]);
  }
  for (std::int64_t y = 0; y < grey.height; ++y) {
    float* out = &result.values[static_cast<std::size_t>(y) * width];
    const float* added = row(y + kHalfWindow + 1);
    const float* gone = row(y - kHalfWindow);
    for (std::size_t x = 0; x < width; ++x) {
      out[x] = static_cast<float>(sums[x] / static_cast<double>(kBlurWindow));
      sums[x] += static_cast<double>(added[x]) - static_cast<double>(gone[x]);
    }
  }
  return result;
}

/// The mean of each kBlurWindow pixels of a row.
Grey blurred_across(const Grey& grey) {
  Grey result{grey.height, grey.width, std::vector<float>(grey.values.size())};
  std::vector<float> line(static_cast<std::size_t>(grey.width + 2 * kHalfWindow + 1));
  for (std::int64_t y = 0; y < grey.height; ++y) {
    for (std::size_t i = 0; i < line.size(); ++i)
      line[i] = grey.at(y, Grey::mirrored(static_cast<std::int64_t>(i) - kHalfWindow, grey.width));
    double sum = 0;
    for (std::size_t i = 0; i < kBlurWindow; ++i) sum += static_cast<double>(line[i]);
    float* out = &result.values[static_cast<std::size_t>(y * grey.width)];
    for (std::size_t x = 0; x < static_cast<std::size_t>(grey.width); ++x) {
      out[x] = static_cast<float>(sum / static_cast<double>(kBlurWindow));
      sum += static_cast<double>(line[x + kBlurWindow]) - static_cast<double>(line[x]);
    }
  }
  return result;
}

/// |Sobel| at the inner pixels of a row, from the rows above, of and below it: edges[x] for x from 1 on.
void edges_of_row(const Grey& grey, int axis, std::int64_t y, std::vector<double>& sums,
                  std::vector<double>& edges) {
  const auto width = static_cast<std::size_t>(grey.width);
  const float* above = &grey.values[static_cast<std::size_t>(y - 1) * width];
  const float* middle = above + width;
  const float* below = middle + width;
  for (std::size_t x = 0; x < width; ++x) {
    sums[x] = axis == 0 ? static_cast<double>(below[x]) - static_cast<double>(above[x])
                        : static_cast<double>(above[x]) + 2 * static_cast<double>(middle[x]) +
                              static_cast<double>(below[x]);
  }
  for (std::size_t x = 1; x + 1 < width; ++x) {
    edges[x] = axis == 0 ? std::abs(sums[x - 1] + 2 * sums[x] + sums[x + 1]) / 8
                         : std::abs(sums[x + 1] - sums[x - 1]) / 8;
  }
}

/// How much of the edges along an axis (0: down, 1: across) is left after a blur; 0 for a picture without
/// edges, or smaller than the window.
double blur_along(const Grey& grey, int axis) {
  const Grey blurred = axis == 0 ? blurred_down(grey) : blurred_across(grey);
  const auto width = static_cast<std::size_t>(grey.width);
  std::vector<double> sums(width), sharp(width), soft(width);
  double all = 0, lost = 0;
  for (std::int64_t y = 2; y < grey.height - 1; ++y) {
    edges_of_row(grey, axis, y, sums, sharp);
    edges_of_row(blurred, axis, y, sums, soft);
    for (std::size_t x = 2; x + 1 < width; ++x) {
      all += sharp[x];
      lost += std::max(0.0, sharp[x] - soft[x]);
    }
  }
  return all > 0 ? (all - lost) / all : 0;
}

}  // namespace

PhotoMeasures measure_photo(const Tensor& picture) {
  const Shape& shape = picture.shape();
  if (shape.rank() != 3 || picture.empty() || (shape[2] != 1 && shape[2] != 3) ||
      picture.dtype() != DType::uint8) {
    fail(ErrorKind::shape_mismatch, "measure_photo: expected a picture uint8 (H, W, 1 or 3), received ",
         to_string(picture.dtype()), " ", shape);
  }
  const Grey grey = grey_of(picture);
  PhotoMeasures measures{.height = grey.height, .width = grey.width};
  constexpr std::size_t kLevels = 256;
  std::array<std::size_t, kLevels> histogram{};
  double sum = 0, squares = 0;
  for (const float value : grey.values) {
    ++histogram[std::min(static_cast<std::size_t>(value), kLevels - 1)];
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
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
  const Grey small = shrunk(grey);
  measures.blur = std::max(blur_along(small, 0), blur_along(small, 1));
  return measures;
}

}  // namespace graft::inspect
