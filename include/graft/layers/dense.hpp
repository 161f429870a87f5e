// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

struct DenseOptions {
  std::int64_t units = 0;             ///< outputs; must be > 0
  std::string activation = "linear";  ///< a name of ops/activation.hpp, or softmax
  bool use_bias = true;
  std::string kernel_initializer = "glorot_uniform";
  std::string bias_initializer = "zeros";
  std::string kernel_regularizer{}, bias_regularizer{};  ///< "l2(0.0001)": see regularizer.hpp; empty: none
  std::string kernel_constraint{}, bias_constraint{};    ///< "max_norm(2)"
  std::string name;
};

/// Fully connected layer, on the last axis of an input of any rank.
///   Input    (N, ..., I)
///   Output   (N, ..., units)
///   Weights  kernel (I, units); bias (units)
[[nodiscard]] Layer Dense(DenseOptions options);
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer from_config("Dense", const Json& config);

}  // namespace graft::layers
