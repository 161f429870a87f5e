// SPDX-License-Identifier: Apache-2.0
#include "graft/classify/neighbours.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"

namespace graft::classify {
namespace {

constexpr std::size_t kQueriesAtOnce = 256;

/// Several sums side by side, which the compiler can keep in one register.
double dot(const float* a, const float* b, std::size_t count) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
  }
  double sum = 0;
  for (const double lane : sums) sum += lane;
  for (; i < count; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

bool is_nearer(const Neighbour& a, const Neighbour& b) {
  return a.distance != b.distance ? a.distance < b.distance : a.row < b.row;
}

}  // namespace

Tensor unit_rows(const Tensor& features) {
  Tensor result = features.clone();
  const auto width = static_cast<std::size_t>(features.shape()[1]);
  const std::span<float> values = result.data();
  for (std::size_t begin = 0; begin + width <= values.size() && width > 0; begin += width) {
    const double length = std::sqrt(dot(&values[begin], &values[begin], width));
    if (!(length > 0)) continue;
    for (std::size_t i = begin; i < begin + width; ++i)
      values[i] = static_cast<float>(static_cast<double>(values[i]) / length);
  }
  return result;
}

std::vector<std::vector<Neighbour>> nearest_rows(const Tensor& queries, const Tensor& rows,
                                                 const NeighbourOptions& options) {
  if (queries.shape().rank() != 2 || rows.shape().rank() != 2 || queries.shape()[1] != rows.shape()[1]) {
    fail(ErrorKind::shape_mismatch, "neighbours: expected rows of one width, received ", queries.shape(),
         " and ", rows.shape());
  }
  const auto count = static_cast<std::size_t>(queries.shape()[0]);
  const auto candidates = static_cast<std::size_t>(rows.shape()[0]);
  const auto width = static_cast<std::size_t>(rows.shape()[1]);
  const float* left = queries.data().data();
  const float* right = rows.data().data();
  std::vector<std::vector<Neighbour>> result(count);
  const auto find = [&](std::size_t query) {
    std::vector<Neighbour> all;
    all.reserve(candidates);
    for (std::size_t row = 0; row < candidates; ++row) {
      if (options.same_rows && row == query) continue;
      all.push_back({row, 1 - dot(left + query * width, right + row * width, width)});
    }
    const auto kept = static_cast<std::ptrdiff_t>(std::min(options.count, all.size()));
    std::partial_sort(all.begin(), all.begin() + kept, all.end(), is_nearer);
    result[query].assign(all.begin(), all.begin() + kept);
  };
  for (std::size_t begin = 0; begin < count; begin += kQueriesAtOnce) {
    const std::size_t end = std::min(begin + kQueriesAtOnce, count);
    parallel_for(end - begin, 1, [&](std::size_t from, std::size_t to) {
      for (std::size_t i = from; i < to; ++i) find(begin + i);
    });
    if (options.progress && !options.progress(end, count))
      fail(ErrorKind::interrupted, "finding neighbours was stopped");
  }
  return result;
}

}  // namespace graft::classify
