// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// DenseNets of 121, 169 and 201 layers (Huang et al. 2017) with Keras's layer names and order.
///   Input    (N, H, W, C), H and W at least 32, as preprocess_input("densenet") gives it: 0..1 less
///            ImageNet's mean, over its standard deviation
///   Output   (N, classes); without the top (N, H', W', C') with H' about H / 32 and C' 1024, 1664 or 1920;
///   or
///            (N, C') when pooled
///   Throws   Error{invalid_argument}: sizes or classes outside what Keras allows
[[nodiscard]] Model DenseNet121(const ApplicationOptions& options = {});
[[nodiscard]] Model DenseNet169(const ApplicationOptions& options = {});
[[nodiscard]] Model DenseNet201(const ApplicationOptions& options = {});

}  // namespace graft::applications
