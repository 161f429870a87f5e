// SPDX-License-Identifier: Apache-2.0
// Initializers, regularizers and constraints as values with Keras's names, arguments and defaults. Each
// converts to the call that layers' options hold, so both spellings are the same:
//   Dense({.units = 10, .kernel_initializer = RandomNormal{.stddev = 0.02}, .kernel_regularizer = L2{1e-4}})
//   Dense({.units = 10, .kernel_initializer = "random_normal(0,0.02)", .kernel_regularizer = "l2(0.0001)"})
// The conversion throws Error{unsupported} for arguments that Keras refuses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#pragma GCC visibility push(default)

namespace graft::layers {

// NOLINTBEGIN(google-explicit-constructor): a value stands for its call

struct Zeros {
  operator std::string() const;
};
struct Ones {
  operator std::string() const;
};
struct Constant {
  double value = 0;
  operator std::string() const;
};
/// Of a matrix.
struct Identity {
  double gain = 1;
  operator std::string() const;
};
struct RandomNormal {
  double mean = 0, stddev = 0.05;
  std::optional<std::uint64_t> seed{};  ///< unset: from random_seed() and the weight's path
  operator std::string() const;
};
/// Drawn again beyond two standard deviations.
struct TruncatedNormal {
  double mean = 0, stddev = 0.05;
  std::optional<std::uint64_t> seed{};
  operator std::string() const;
};
struct RandomUniform {
  double minval = -0.05, maxval = 0.05;
  std::optional<std::uint64_t> seed{};
  operator std::string() const;
};
/// variance = scale / fan.
struct VarianceScaling {
  double scale = 1;
  std::string mode = "fan_in";                    ///< fan_in, fan_out or fan_avg
  std::string distribution = "truncated_normal";  ///< truncated_normal, untruncated_normal or uniform
  std::optional<std::uint64_t> seed{};
  operator std::string() const;
};
struct Orthogonal {
  double gain = 1;
  std::optional<std::uint64_t> seed{};
  operator std::string() const;
};

/// l1 Σ|w|.
struct L1 {
  double l1 = 0.01;
  operator std::string() const;
};
/// l2 Σw².
struct L2 {
  double l2 = 0.01;
  operator std::string() const;
};
struct L1L2 {
  double l1 = 0.01, l2 = 0.01;
  operator std::string() const;
};
/// factor times the mean |cosine| between two rows (or columns) of a matrix.
struct OrthogonalRegularizer {
  double factor = 0.01;
  std::string mode = "rows";  ///< rows or columns
  operator std::string() const;
};

/// Vectors along the axes that are longer than max_value are cut to it.
struct MaxNorm {
  double max_value = 2;
  std::vector<std::int64_t> axis{0};
  operator std::string() const;
};
struct NonNeg {
  operator std::string() const;
};
/// Vectors along the axes have length 1.
struct UnitNorm {
  std::vector<std::int64_t> axis{0};
  operator std::string() const;
};
/// Lengths between two bounds, approached at a rate.
struct MinMaxNorm {
  double min_value = 0, max_value = 1, rate = 1;
  std::vector<std::int64_t> axis{0};
  operator std::string() const;
};

// NOLINTEND(google-explicit-constructor)

}  // namespace graft::layers

#pragma GCC visibility pop
