// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/applications/options.hpp"

namespace graft::applications {

/// Xception (Chollet 2017) with Keras's layer names and order. The convolutions beside its blocks have
/// automatic names (conv2d_2), counted on from those given out since clear_session(), as in Keras.
///   Input    (N, H, W, C), H and W at least 71, as preprocess_input("xception") gives it: -1..1
///   Output   (N, classes); without the top (N, H', W', 2048), 10 x 10 for 299 x 299; or (N, 2048) when
///   pooled Throws   Error{invalid_argument}: sizes or classes outside what Keras allows
[[nodiscard]] Model Xception(const ApplicationOptions& options = {});

}  // namespace graft::applications
