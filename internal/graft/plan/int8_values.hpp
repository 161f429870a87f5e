// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "graft/int8_values.hpp"
#include "graft/model.hpp"
#include "graft/plan/value_ranges.hpp"

namespace graft::plan {

/// What int8 plans of a model keep in 8 bits. sample: (H, W, C) of the photos. Errors: as Plan::lower.
[[nodiscard]] Int8Values int8_values(const Model& model, const Shape& sample,
                                     const std::shared_ptr<const ValueRanges>& ranges);

}  // namespace graft::plan
