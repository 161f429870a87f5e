// SPDX-License-Identifier: Apache-2.0
// Regularizers, initializers and constraints as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graft/layers/layer.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

// Initializers, regularizers and constraints as values with Keras's names, arguments and defaults. Each
// converts to the call that layers' options hold, so both spellings are the same:
//   Dense({.units = 10, .kernel_initializer = RandomNormal{.stddev = 0.02}, .kernel_regularizer = L2{1e-4}})
//   Dense({.units = 10, .kernel_initializer = "random_normal(0,0.02)", .kernel_regularizer = "l2(0.0001)"})
// The conversion throws Error{unsupported} for arguments that Keras refuses.

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

/// A penalty on a weight, added to the loss (keras.regularizers 3.15), written as the call that makes it:
///   l1(0.01)                            0.01 Σ|w|
///   l2(0.01)                            0.01 Σw²
///   l1_l2(0.01,0.01)                    both
///   orthogonal_regularizer(0.01,rows)   0.01 times the mean |cosine| between two rows (or columns) of a
///   matrix
/// Arguments left out have Keras's defaults: "l2" is l2(0.01). Immutable.
class Regularizer {
 public:
  /// Throws Error{unsupported} for an unknown one.
  explicit Regularizer(const std::string& text);

  /// Of a float32 weight. Throws Error{invalid_argument} for an orthogonal_regularizer on a weight that is no
  /// matrix.
  [[nodiscard]] double penalty(const Tensor& weight) const;
  /// Adds the penalty's derivative to a gradient of the weight's shape.
  void add_gradient(const Tensor& weight, Tensor& gradient) const;

 private:
  double l1_ = 0, l2_ = 0, orthogonal_ = 0;
  bool rows_ = true;
};

/// A rule that a weight is projected on after every step (keras.constraints 3.15):
///   max_norm(2,axis=0)              vectors along the axes longer than 2 are cut to 2
///   unit_norm(axis=0)               length 1
///   min_max_norm(0,1,1,axis=0)      lengths between two bounds, reached at a rate
///   non_neg                         max(w, 0)
/// axis is one axis or a list, as in axis=[0,1,2] for the filters of a convolution. Immutable.
class Constraint {
 public:
  /// Throws Error{unsupported} for an unknown one.
  explicit Constraint(const std::string& text);

  /// Throws Error{invalid_argument} for an axis that the weight does not have.
  void apply(Tensor& weight) const;

 private:
  bool non_negative_ = false;
  double least_ = 0, most_ = 0, rate_ = 1;
  std::vector<int> axes_;
};

/// Sets on a layer with weights one of Keras's options kernel_regularizer, bias_regularizer,
/// gamma_regularizer, depthwise_constraint, ..., also after it was built; an empty rule removes it. It is
/// saved with the model and applies in training where the weight trains:
///   set_rule(layer, "kernel_regularizer", "l2(0.0001)")
/// Throws Error{invalid_argument} for an option that the layer does not have; Error{unsupported} for
/// an unknown rule.
void set_rule(const Layer& layer, const std::string& option, const std::string& rule);

}  // namespace graft::layers

#pragma GCC visibility pop
