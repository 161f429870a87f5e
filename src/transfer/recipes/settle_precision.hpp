// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transfer/base/base_model.hpp"
#include "transfer/result/trained.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// Chooses the number format of a recipe, notes why, and records it in trained. The recipe computes in a
/// separate scope with the returned value.
[[nodiscard]] DTypePolicy settle_precision(const RunContext& run, const BaseModel& base, Trained& trained);

}  // namespace transfer
}  // namespace graft
