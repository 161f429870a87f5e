// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/model.hpp"

namespace graft {
inline namespace models {

/// up_to_features(), as rows: a feature map that is left is averaged over its positions, other axes are
/// joined. Output (None, D).
[[nodiscard]] Model pooled_features(const Model& model);

}  // namespace models
}  // namespace graft
