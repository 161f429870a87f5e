// SPDX-License-Identifier: Apache-2.0
// The ranges for int8 plans that a classifier's metadata holds.
#pragma once

#include <memory>

#include "graft/classifier.hpp"
#include "graft/json_fwd.hpp"
#include "graft/plan/value_ranges.hpp"

namespace graft {
inline namespace classify {

/// Null when there are none. Throws Error{bad_file}.
[[nodiscard]] std::shared_ptr<const plan::ValueRanges> int8_ranges(const Json& metadata);

/// The model's first output in int8 for a batch (N, H, W, C), raw 0..255. Errors: as int8_values().
[[nodiscard]] Tensor int8_output(const Classifier& classifier, const Tensor& batch);

}  // namespace classify
}  // namespace graft
