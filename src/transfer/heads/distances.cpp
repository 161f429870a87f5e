// SPDX-License-Identifier: Apache-2.0
#include "transfer/heads/distances.hpp"

#include <algorithm>
#include <array>

#include "graft/base/parallel.hpp"

namespace graft::transfer {
namespace {

/// Several sums side by side, which the compiler can keep in one register.
double squared_distance(const float* a, const float* b, std::size_t count) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double difference = static_cast<double>(a[i + lane]) - static_cast<double>(b[i + lane]);
      sums[lane] += difference * difference;
    }
  }
  double sum = 0;
  for (const double lane : sums) sum += lane;
  for (; i < count; ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return sum;
}

}  // namespace

Table squared_distances(const Tensor& a, const Tensor& b) {
  const auto rows = static_cast<std::size_t>(a.shape()[0]);
  const auto columns = static_cast<std::size_t>(b.shape()[0]);
  const auto dimensions = static_cast<std::size_t>(a.shape()[1]);
  Table table{columns, std::vector<double>(rows * columns)};
  const float* left = a.data<float>().data();
  const float* right = b.data<float>().data();
  constexpr std::size_t kGrain = 8;
  parallel_for(rows, kGrain, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        table.values[i * columns + j] =
            squared_distance(left + i * dimensions, right + j * dimensions, dimensions);
      }
    }
  });
  return table;
}

}  // namespace graft::transfer
