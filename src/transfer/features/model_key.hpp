// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/hash.hpp"
#include "graft/model.hpp"

namespace graft {
inline namespace transfer {

/// Names what a model computes by its layers, their config, how they are connected and every weight; not by
/// the names of layers.
[[nodiscard]] Hash128 model_key(const Model& model);

}  // namespace transfer
}  // namespace graft
