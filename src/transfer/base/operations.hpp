// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/model.hpp"

namespace graft {
inline namespace transfer {

/// Multiplications and additions of one photo through a model.
[[nodiscard]] double operations_of(const Model& model);

}  // namespace transfer
}  // namespace graft
