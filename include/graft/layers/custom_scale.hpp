// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/layers/layer.hpp"

namespace graft::layers {

/// The first input plus the second times a number, as the layer of that name in Keras's InceptionResNetV2.
///   Input   two of (N, ...), of one shape or such that merging.hpp broadcasts them
///   Output  (N, ...)
[[nodiscard]] Layer CustomScaleLayer(double scale, const std::string& name = "");
/// From Keras's config. Throws Error{bad_file} or Error{unsupported} naming the layer and the key.
[[nodiscard]] Layer custom_scale_from_config(const Json& config);

}  // namespace graft::layers
