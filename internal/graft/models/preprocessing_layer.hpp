// SPDX-License-Identifier: Apache-2.0
// The preprocessing of caffe's networks as a layer with weights, which are not the network's own.
#pragma once

#include <cstdint>

#include "graft/model.hpp"

namespace graft {
inline namespace models {

/// Name of the 1 x 1 Conv2D that reverses the channels and subtracts their means. It never trains.
inline constexpr const char* kReversesChannels = "preprocess_bgr";

/// Whether the layer is that Conv2D.
[[nodiscard]] bool reverses_channels(const Layer& layer);

/// Number of parameters of such layers in the model, which Keras's networks have outside the model; mostly 0.
[[nodiscard]] std::int64_t preprocessing_params(const Model& model);

}  // namespace models
}  // namespace graft
