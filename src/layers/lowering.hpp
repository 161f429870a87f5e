// SPDX-License-Identifier: Apache-2.0
// Shared by the lower() of several layers.
#pragma once

#include <string>
#include <vector>

#include "graft/extend/layer.hpp"
#include "graft/layers/layer.hpp"

namespace graft::layers {

/// Upper bound on channels, so that channels x depth_multiplier cannot overflow.
inline constexpr std::int64_t kMostChannels = std::int64_t{1} << 40;

/// Sizes of a sliding window, from Keras's options.
struct WindowOptions {
  Size2D size;
  Size2D strides;
  Size2D dilation{1};
  Padding padding = Padding::valid;
};

/// The window with its padding for an input of this shape (N, H, W, C).
[[nodiscard]] ops::Window make_window(const WindowOptions& options, const Shape& input);
/// H' and W' of the output; open axes stay open. 0 where the window does not fit.
[[nodiscard]] Size2D window_output_size(const WindowOptions& options, const Shape& input);

/// Throws Error{unsupported} naming the layer for a text that is neither an activation's name, nor softmax,
/// nor from activation_of_layer().
void check_activation(const std::string& layer, const std::string& activation);
/// A layer that serves as an activation, as Keras serialises it, in the form of an option `activation`: the
/// name of the function where it has one ("relu6"), else the JSON.
[[nodiscard]] std::string activation_of_layer(const Json& layer);
/// Appends the activation, softmax included, unless it is linear.
[[nodiscard]] ops::ValueId lower_activation(ops::Graph& graph, ops::ValueId x, const std::string& activation);
/// The value in another shape; the value itself if it has that shape.
[[nodiscard]] ops::ValueId reshaped(ops::Graph& graph, ops::ValueId x, const Shape& shape);
/// The value with this axis moved after the others, for ops that work along the last one; the value itself
/// where it is the last. axis: counted from the first, which is 0.
[[nodiscard]] ops::ValueId axis_to_last(ops::Graph& graph, ops::ValueId x, int axis);
/// The opposite: moves the last axis back to its place.
[[nodiscard]] ops::ValueId last_to_axis(ops::Graph& graph, ops::ValueId x, int axis);
/// An axis as Keras counts it, from the first: -1 is the last. Throws Error{shape_mismatch} naming the layer
/// for the batch axis and for axes that the shape does not have.
[[nodiscard]] int axis_from_first(const std::string& layer, std::int64_t axis, const Shape& shape);
/// A vector of C equal numbers as a constant.
[[nodiscard]] ops::ValueId constant_vector(ops::Graph& graph, std::int64_t count, float value);

}  // namespace graft::layers
