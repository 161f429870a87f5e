// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/train.hpp"

#include "transfer/fine_tune/strategies.hpp"

namespace graft {
inline namespace transfer {

/// Computes frozen features of a handful of depths once and solves a head on each, those of the default
/// recipe first. Fills depths, several_depths, mirror and both losses of the advice.
void score_depths(Advice& advice, const TrialGround& ground, const BaseModel& base);

}  // namespace transfer
}  // namespace graft
