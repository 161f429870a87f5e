// SPDX-License-Identifier: Apache-2.0
// Sums over the rows of (rows, channels) arrays, the same in every run with as many threads.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace graft::kernels::vectors {

/// The rows are split into parts fixed at construction, each part sums into its own numbers, which are then
/// added in order. quantities: how many sums of `channels` numbers each part makes.
class Reduction {
 public:
  Reduction(std::size_t rows, std::size_t channels, std::size_t quantities);
  /// Sums of one part: body(first row, last row + 1, sums (quantities x channels), zero at the start).
  using Body = std::function<void(std::size_t, std::size_t, double*)>;
  /// quantities x channels results, valid until the next run.
  const double* run(const Body& body);
  [[nodiscard]] std::size_t channels() const { return channels_; }

 private:
  std::size_t rows_, channels_, width_, parts_;
  std::vector<double> sums_;
};

/// sums (channels) = sum over the rows of x (rows, channels).
class RowSums {
 public:
  RowSums(std::size_t rows, std::size_t channels) : reduction_(rows, channels, 1) {}
  void run(const float* x, float* sums);

 private:
  Reduction reduction_;
};

/// Extents of what the functions below sum.
struct Rows {
  std::size_t rows, channels;
};
/// An array with one mean for each channel.
struct Centred {
  const float* x;
  const float* mean;
};

// One thread each; floats over few rows, doubles over all.
/// sums += x.
void add_rows(const float* x, const Rows& extents, double* sums);
/// sums += x y.
void add_row_products(const float* x, const float* y, const Rows& extents, double* sums);
/// sums += (x - mean)^2.
void add_centred_squares(const Centred& x, const Rows& extents, double* sums);
/// sums += (x - mean) dy.
void add_centred_products(const Centred& x, const float* dy, const Rows& extents, double* sums);

}  // namespace graft::kernels::vectors
