// SPDX-License-Identifier: Apache-2.0
// Layers that merge several inputs into one (keras.layers, group merging).
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

#pragma GCC visibility push(default)

namespace graft::layers {

// Add, Multiply, Subtract, Average, Maximum, Minimum: one array from several, element by element, with
// broadcasting: inputs of lower rank get axes of size 1 after the batch axis, and an axis of size 1 is
// repeated to the size of the others', so that (N, 1, 1, C) scales (N, H, W, C) by channel. An empty name is
// replaced by an automatic one: add, add_1, ...
//   Input   list of (N, ...)
//   Output  (N, ...), the broadcast shape
//   Throws  Error{shape_mismatch} naming the layer and the shapes, Error{invalid_argument} for too few inputs

/// Sum of two or more inputs, as in residual connections: Add()({x, shortcut}).
[[nodiscard]] Layer Add(const std::string& name = "");
/// Product of all inputs, one or more.
[[nodiscard]] Layer Multiply(const std::string& name = "");
/// The first input minus the second; exactly two.
[[nodiscard]] Layer Subtract(const std::string& name = "");
/// Mean of all inputs, one or more.
[[nodiscard]] Layer Average(const std::string& name = "");
/// The largest of all inputs' elements, one input or more. Where two are equal the gradient goes to the
/// first, as in TensorFlow.
[[nodiscard]] Layer Maximum(const std::string& name = "");
/// The smallest of all inputs' elements, one input or more; gradient as in Maximum.
[[nodiscard]] Layer Minimum(const std::string& name = "");

/// Arguments of Concatenate(), with Keras's names and defaults.
struct ConcatenateOptions {
  int axis = -1;     ///< counted with the batch axis, from 1 on; negative: from the last
  std::string name;  ///< empty: automatic, "concatenate"
};

/// Joins inputs along an axis; the other axes must agree.
///   Input   list of (N, ...)
///   Output  (N, ...)
///   Throws  Error{shape_mismatch} naming the layer and the shapes, Error{invalid_argument} without inputs
[[nodiscard]] Layer Concatenate(ConcatenateOptions options = {});

/// The first input plus the second times a number: the layer of this name in Keras's InceptionResNetV2.
///   Input   two of (N, ...), broadcast as for Add
///   Output  (N, ...)
[[nodiscard]] Layer CustomScaleLayer(double scale, const std::string& name = "");

}  // namespace graft::layers

#pragma GCC visibility pop
