// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

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

/// The mean of each kBlurWindow pixels along an axis (0: down, 1: across).
Grey blurred_along(const Grey& grey, int axis) {
  Grey result{grey.height, grey.width, std::vector<float>(grey.values.size())};
  const std::int64_t lines = axis == 0 ? grey.width : grey.height;
  const std::int64_t length = axis == 0 ? grey.height : grey.width;
  const auto place = [&](std::int64_t line, std::int64_t at) {
    return static_cast<std::size_t>(axis == 0 ? at * grey.width + line : line * grey.width + at);
  };
  constexpr std::int64_t kHalf = kBlurWindow / 2;
  for (std::int64_t line = 0; line < lines; ++line) {
    double sum = 0;
    for (std::int64_t i = -kHalf; i <= kHalf; ++i)
      sum += static_cast<double>(grey.values[place(line, Grey::mirrored(i, length))]);
    for (std::int64_t at = 0; at < length; ++at) {
      result.values[place(line, at)] = static_cast<float>(sum / static_cast<double>(kBlurWindow));
      sum += static_cast<double>(grey.values[place(line, Grey::mirrored(at + kHalf + 1, length))]) -
             static_cast<double>(grey.values[place(line, Grey::mirrored(at - kHalf, length))]);
    }
  }
  return result;
}

/// |Sobel| along an axis at an inner pixel.
double edge(const Grey& grey, int axis, std::int64_t y, std::int64_t x) {
  const auto across = [&](std::int64_t row, std::int64_t column, std::int64_t step) {
    return axis == 0 ? static_cast<double>(grey.at(row + step, column)) -
                           static_cast<double>(grey.at(row - step, column))
                     : static_cast<double>(grey.at(row, column + step)) -
                           static_cast<double>(grey.at(row, column - step));
  };
  return axis == 0 ? std::abs(across(y, x - 1, 1) + 2 * across(y, x, 1) + across(y, x + 1, 1)) / 8
                   : std::abs(across(y - 1, x, 1) + 2 * across(y, x, 1) + across(y + 1, x, 1)) / 8;
}

/// 0 for a picture without edges, or smaller than the window.
double blur_along(const Grey& grey, int axis) {
  const Grey blurred = blurred_along(grey, axis);
  double all = 0, lost = 0;
  for (std::int64_t y = 2; y < grey.height - 1; ++y) {
    for (std::int64_t x = 2; x < grey.width - 1; ++x) {
      const double sharp = edge(grey, axis, y, x);
      all += sharp;
      lost += std::max(0.0, sharp - edge(blurred, axis, y, x));
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
