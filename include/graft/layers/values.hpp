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

/// All elements 0 (keras.initializers.Zeros).
struct Zeros {
  operator std::string() const;  ///< the call: "zeros"
};
/// All elements 1.
struct Ones {
  operator std::string() const;  ///< the call: "ones"
};
/// All elements the same.
struct Constant {
  double value = 0;              ///< of every element
  operator std::string() const;  ///< the call: "constant(0.5)"
};
/// gain on the diagonal of a matrix, else 0. A weight of another rank than 2 throws Error{invalid_argument}.
struct Identity {
  double gain = 1;               ///< of the diagonal
  operator std::string() const;  ///< the call: "identity(2)"
};
/// Drawn from a normal distribution.
struct RandomNormal {
  double mean = 0, stddev = 0.05;       ///< of the distribution
  std::optional<std::uint64_t> seed{};  ///< unset: from random_seed() and the weight's path
  operator std::string() const;         ///< the call: "random_normal(0,0.02)"
};
/// Drawn from a normal distribution; numbers beyond two standard deviations are drawn again.
struct TruncatedNormal {
  double mean = 0, stddev = 0.05;       ///< of the distribution before it is truncated
  std::optional<std::uint64_t> seed{};  ///< unset: from random_seed() and the weight's path
  operator std::string() const;         ///< the call: "truncated_normal(0,0.02)"
};
/// Drawn uniformly from a range.
struct RandomUniform {
  double minval = -0.05, maxval = 0.05;  ///< the range's ends
  std::optional<std::uint64_t> seed{};   ///< unset: from random_seed() and the weight's path
  operator std::string() const;          ///< the call: "random_uniform(-0.1,0.1)"
};
/// Drawn with mean 0 and variance scale / fan. fan_in is the size of the last axis but one, fan_out of the
/// last, both times the sizes of the axes before: kh kw C and kh kw F for a kernel (kh, kw, C, F).
struct VarianceScaling {
  double scale = 1;                               ///< above 0
  std::string mode = "fan_in";                    ///< fan_in, fan_out or fan_avg (their mean)
  std::string distribution = "truncated_normal";  ///< truncated_normal, untruncated_normal or uniform
  std::optional<std::uint64_t> seed{};            ///< unset: from random_seed() and the weight's path
  operator std::string() const;                   ///< the call: "variance_scaling(2,fan_out)"
};
/// gain times a random matrix with orthonormal rows or columns, whichever are fewer (Saxe et al., 2013).
/// Columns are the last axis, rows all others. A weight of one axis throws Error{invalid_argument}.
struct Orthogonal {
  double gain = 1;                      ///< length of each of these vectors
  std::optional<std::uint64_t> seed{};  ///< unset: from random_seed() and the weight's path
  operator std::string() const;         ///< the call: "orthogonal(2)"
};

/// l1 Σ|w| (keras.regularizers.L1).
struct L1 {
  double l1 = 0.01;              ///< at least 0
  operator std::string() const;  ///< the call: "l1(0.001)"
};
/// l2 Σw².
struct L2 {
  double l2 = 0.01;              ///< at least 0
  operator std::string() const;  ///< the call: "l2(0.0001)"
};
/// l1 Σ|w| + l2 Σw² (keras.regularizers.L1L2, also in that both are 0 by default).
struct L1L2 {
  double l1 = 0, l2 = 0;         ///< at least 0
  operator std::string() const;  ///< the call: "l1_l2(0.001,0.001)"
};
/// factor times the mean |cosine| between two rows (or columns) of a matrix. A weight of another rank than 2
/// throws Error{invalid_argument}.
struct OrthogonalRegularizer {
  double factor = 0.01;          ///< at least 0
  std::string mode = "rows";     ///< rows or columns
  operator std::string() const;  ///< the call: "orthogonal_regularizer(0.001)"
};

/// Vectors that are longer than max_value are scaled to that length (keras.constraints.MaxNorm).
struct MaxNorm {
  double max_value = 2;               ///< largest length
  std::vector<std::int64_t> axis{0};  ///< the axes of one vector; {0, 1, 2}: the filters of a convolution
  operator std::string() const;       ///< the call: "max_norm(3)"
};
/// Negative elements become 0.
struct NonNeg {
  operator std::string() const;  ///< the call: "non_neg"
};
/// Vectors are scaled to length 1.
struct UnitNorm {
  std::vector<std::int64_t> axis{0};  ///< the axes of one vector, as in MaxNorm
  operator std::string() const;       ///< the call: "unit_norm"
};
/// Vectors are scaled towards a length between two bounds.
struct MinMaxNorm {
  double min_value = 0, max_value = 1;  ///< the bounds
  double rate = 1;  ///< share of the way that one step goes; 1: the bounds are met after every step
  std::vector<std::int64_t> axis{0};  ///< the axes of one vector, as in MaxNorm
  operator std::string() const;       ///< the call: "min_max_norm(0.5,2)"
};

// NOLINTEND(google-explicit-constructor)

/// A penalty on a weight, added to the loss (keras.regularizers 3.15), written as the call that makes it:
///   l1(0.01)                            0.01 Σ|w|
///   l2(0.01)                            0.01 Σw²
///   l1_l2(0.01,0.02)                    0.01 Σ|w| + 0.02 Σw²
///   orthogonal_regularizer(0.01,rows)   0.01 times the mean |cosine| between two rows of a matrix
/// Arguments left out have Keras's defaults: "l2" is l2(0.01). Immutable.
class Regularizer {
 public:
  /// text: the call. Throws Error{unsupported} for an unknown name or argument.
  explicit Regularizer(const std::string& text);

  /// The penalty of a float32 weight. Throws Error{invalid_argument} for an orthogonal_regularizer on a
  /// weight that is no matrix.
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
  /// text: the call. Throws Error{unsupported} for an unknown name or argument.
  explicit Constraint(const std::string& text);

  /// Projects a float32 weight in place. Throws Error{invalid_argument} for an axis that it does not have.
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
