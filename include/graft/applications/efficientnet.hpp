// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// EfficientNet (Tan and Le 2019) with Keras's layer names and order; B0 to B7 are ever wider and deeper, for
/// inputs from 224 x 224 to 600 x 600.
///   Input    (N, H, W, C), H and W at least 32: pixels from 0 to 255, which the model normalises itself
///   Output   (N, classes); without the top (N, ceil(H / 32), ceil(W / 32), F), or (N, F) when pooled, with F
///            from 1280 (B0) to 2560 (B7)
///   Weights  with "imagenet" the model has one more Rescaling layer than without: the published weights were
///            trained with pixels divided by the variance where Keras's Normalization divides by its root
///   Throws   Error{invalid_argument}: sizes or classes outside what Keras allows
[[nodiscard]] Model EfficientNetB0(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB1(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB2(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB3(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB4(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB5(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB6(const ApplicationOptions& options = {});
[[nodiscard]] Model EfficientNetB7(const ApplicationOptions& options = {});

}  // namespace graft::applications
