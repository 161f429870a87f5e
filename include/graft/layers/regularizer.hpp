// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"
#include "graft/tensor/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

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
