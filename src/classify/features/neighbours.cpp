// SPDX-License-Identifier: Apache-2.0
#include "graft/classify/neighbours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"

namespace graft::classify {
namespace {

constexpr std::size_t kQueriesAtOnce = 256;  // even

/// Of a row and each of two others, which are there in double already. Several sums side by side: the
/// compiler keeps them in registers.
std::array<double, 2> dots(const double* a, const double* b, const float* row, std::size_t count) {
  constexpr std::size_t kLanes = 4;
  std::array<double, kLanes> sums_a{}, sums_b{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double value = static_cast<double>(row[i + lane]);
      sums_a[lane] += a[i + lane] * value;
      sums_b[lane] += b[i + lane] * value;
    }
  }
  std::array<double, 2> result{};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    result[0] += sums_a[lane];
    result[1] += sums_b[lane];
  }
  for (; i < count; ++i) {
    result[0] += a[i] * static_cast<double>(row[i]);
    result[1] += b[i] * static_cast<double>(row[i]);
  }
  return result;
}

double length_of(std::span<const float> row) {
  const std::vector<double> exact(row.begin(), row.end());
  return std::sqrt(dots(exact.data(), exact.data(), row.data(), row.size())[0]);
}

bool is_nearer(const Neighbour& a, const Neighbour& b) {
  return a.distance != b.distance ? a.distance < b.distance : a.row < b.row;
}

std::vector<Neighbour> nearest_of(std::vector<Neighbour> all, std::size_t count) {
  const auto kept = static_cast<std::ptrdiff_t>(std::min(count, all.size()));
  std::partial_sort(all.begin(), all.begin() + kept, all.end(), is_nearer);
  all.resize(static_cast<std::size_t>(kept));
  return all;
}

}  // namespace

Tensor unit_rows(const Tensor& features) {
  Tensor result = features.clone();
  const auto width = static_cast<std::size_t>(features.shape()[1]);
  const std::span<float> values = result.data();
  for (std::size_t begin = 0; begin + width <= values.size() && width > 0; begin += width) {
    const double length = length_of(values.subspan(begin, width));
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
  const std::span<const float> left = queries.data();
  const float* right = rows.data().data();
  std::vector<std::vector<Neighbour>> result(count);
  // Two queries with each row; the last one may be alone.
  const auto find_pair = [&](std::size_t query) {
    const std::size_t other = std::min(query + 1, count - 1);
    const auto in_double = [&](std::size_t which) {
      const auto values = left.subspan(which * width, width);
      return std::vector<double>(values.begin(), values.end());
    };
    const std::vector<double> a = in_double(query), b = in_double(other);
    std::vector<Neighbour> of_a, of_b;
    of_a.reserve(candidates);
    of_b.reserve(candidates);
    for (std::size_t row = 0; row < candidates; ++row) {
      const auto [to_a, to_b] = dots(a.data(), b.data(), right + row * width, width);
      if (!options.same_rows || row != query) of_a.push_back({row, 1 - to_a});
      if (!options.same_rows || row != other) of_b.push_back({row, 1 - to_b});
    }
    result[query] = nearest_of(std::move(of_a), options.count);
    if (other != query) result[other] = nearest_of(std::move(of_b), options.count);
  };
  for (std::size_t begin = 0; begin < count; begin += kQueriesAtOnce) {
    const std::size_t end = std::min(begin + kQueriesAtOnce, count);
    parallel_for((end - begin + 1) / 2, 1, [&](std::size_t from, std::size_t to) {
      for (std::size_t i = from; i < to; ++i) find_pair(begin + 2 * i);
    });
    if (options.progress && !options.progress(end, count))
      fail(ErrorKind::interrupted, "finding neighbours was stopped");
  }
  return result;
}

}  // namespace graft::classify
