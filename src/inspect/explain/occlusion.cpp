// SPDX-License-Identifier: Apache-2.0
#include "inspect/explain/occlusion.hpp"

#include <algorithm>
#include <vector>

namespace graft::inspect {
namespace {

constexpr std::int64_t kCoveredAtOnce = 32;

struct Square {
  std::int64_t top, left;
};

/// Where the squares along one axis begin: half a square apart, the last one at the edge.
std::vector<std::int64_t> square_starts(std::int64_t size, std::int64_t patch) {
  const std::int64_t step = std::max<std::int64_t>(patch / 2, 1);
  std::vector<std::int64_t> starts;
  for (std::int64_t start = 0; start + patch < size; start += step) starts.push_back(start);
  starts.push_back(size - patch);
  return starts;
}

std::vector<float> mean_colour(const Tensor& photo) {
  const auto channels = static_cast<std::size_t>(photo.shape()[2]);
  std::vector<double> sums(channels, 0.0);
  for (std::size_t i = 0; i < photo.data().size(); ++i)
    sums[i % channels] += static_cast<double>(photo.data()[i]);
  std::vector<float> mean;
  mean.reserve(channels);
  for (const double sum : sums)
    mean.push_back(
        static_cast<float>(sum * static_cast<double>(channels) / static_cast<double>(photo.data().size())));
  return mean;
}

/// Calls body(first element of the pixel) for each pixel of a square.
template <typename Body>
void for_each_pixel(const Square& square, std::int64_t patch, std::int64_t width, const Body& body) {
  for (std::int64_t y = square.top; y < square.top + patch; ++y) {
    for (std::int64_t x = square.left; x < square.left + patch; ++x)
      body(static_cast<std::size_t>(y * width + x));
  }
}

}  // namespace

Tensor occlusion(const Classifier& classifier, const Tensor& photo, std::int64_t class_index,
                 std::int64_t patch) {
  const std::int64_t height = photo.shape()[0];
  const std::int64_t width = photo.shape()[1];
  const std::vector<float> colour = mean_colour(photo);
  std::vector<Square> squares;
  for (const std::int64_t top : square_starts(height, patch)) {
    for (const std::int64_t left : square_starts(width, patch)) squares.push_back({top, left});
  }
  const auto probability = [&](const Tensor& rows, std::int64_t row) {
    return static_cast<double>(rows.data()[static_cast<std::size_t>(row * rows.shape()[1] + class_index)]);
  };
  const Tensor one = photo.reshape(photo.shape().with_batch(1));
  const double uncovered = probability(classifier.probabilities(one), 0);
  std::vector<double> fall(static_cast<std::size_t>(height * width), 0.0), covers(fall.size(), 0.0);
  const auto count = static_cast<std::int64_t>(squares.size());
  for (std::int64_t begin = 0; begin < count; begin += kCoveredAtOnce) {
    const std::int64_t rows = std::min(kCoveredAtOnce, count - begin);
    Tensor batch(photo.shape().with_batch(rows));
    for (std::int64_t row = 0; row < rows; ++row) {
      Tensor covered = batch.slice(row, row + 1);
      covered.copy_from(one);
      for_each_pixel(squares[static_cast<std::size_t>(begin + row)], patch, width, [&](std::size_t pixel) {
        std::ranges::copy(colour, covered.data().subspan(pixel * colour.size(), colour.size()).begin());
      });
    }
    const Tensor answers = classifier.probabilities(batch);
    for (std::int64_t row = 0; row < rows; ++row) {
      const double less = uncovered - probability(answers, row);
      for_each_pixel(squares[static_cast<std::size_t>(begin + row)], patch, width, [&](std::size_t pixel) {
        fall[pixel] += less;
        covers[pixel] += 1;
      });
    }
  }
  Tensor result(Shape{height, width});
  for (std::size_t i = 0; i < fall.size(); ++i) result.data()[i] = static_cast<float>(fall[i] / covers[i]);
  return result;
}

}  // namespace graft::inspect
