// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// ConvNeXt (Liu et al. 2022) with Keras's layer names and order. The names begin with the model's, so
/// another options.name gives other layer names; the stem and the layers that halve the image stand in models
/// of their own, as in Keras.
///   Input    (N, H, W, C), H and W at least 32: pixels from 0 to 255; with include_preprocessing = false, or
///            other than 3 channels, as ImageNet's statistics normalise them
///   Output   (N, classes); without the top (N, H / 32, W / 32, F), or (N, F) when pooled, normalised over
///   its
///            last axis, with F from 768 (tiny) to 2048 (xlarge)
///   Options  include_preprocessing
///   Throws   Error{invalid_argument}: sizes or classes outside what Keras allows
[[nodiscard]] Model ConvNeXtTiny(const ApplicationOptions& options = {});
[[nodiscard]] Model ConvNeXtSmall(const ApplicationOptions& options = {});
[[nodiscard]] Model ConvNeXtBase(const ApplicationOptions& options = {});
[[nodiscard]] Model ConvNeXtLarge(const ApplicationOptions& options = {});
[[nodiscard]] Model ConvNeXtXLarge(const ApplicationOptions& options = {});

}  // namespace graft::applications
