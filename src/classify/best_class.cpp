// SPDX-License-Identifier: Apache-2.0
#include "graft/classify/best_class.hpp"

#include <cmath>

namespace graft::classify {

std::size_t best_class(std::span<const float> row) {
  std::size_t best = 0;
  for (std::size_t k = 1; k < row.size(); ++k) {
    if (row[k] > row[best] || std::isnan(row[best])) best = k;
  }
  return best;
}

std::vector<int> best_classes(const Tensor& probabilities) {
  const std::span<const float> values = probabilities.data();
  const auto width = static_cast<std::size_t>(probabilities.shape()[-1]);
  std::vector<int> classes;
  for (std::size_t at = 0; at < values.size(); at += width)
    classes.push_back(static_cast<int>(best_class(values.subspan(at, width))));
  return classes;
}

std::size_t equal_classes(std::span<const int> one, std::span<const int> other) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < one.size(); ++i) equal += one[i] == other[i] ? 1 : 0;
  return equal;
}

}  // namespace graft::classify
