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

/// Throws Error{invalid_argument} naming the layer for a name that is neither an activation nor softmax.
void check_activation(const std::string& layer, const std::string& activation);
/// Appends the activation, softmax included, unless it is linear.
[[nodiscard]] ops::ValueId lower_activation(ops::Graph& graph, ops::ValueId x, const std::string& activation);
/// The value in another shape; the value itself if it has that shape.
[[nodiscard]] ops::ValueId reshaped(ops::Graph& graph, ops::ValueId x, const Shape& shape);
/// A vector of C equal numbers as a constant.
[[nodiscard]] ops::ValueId constant_vector(ops::Graph& graph, std::int64_t count, float value);

}  // namespace graft::layers
