// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/tensor.hpp"

namespace graft {
inline namespace transfer {

/// What models::pooled_features() of the trained model returns for the photos of a run as they are, in their
/// order, as far as a stage has computed it on its way: (n, D) each. Empty: not computed.
struct PooledFeatures {
  Tensor train{}, validation{};
  Tensor test{};  ///< in float32, as predict computes by default
};

}  // namespace transfer
}  // namespace graft
