// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/transfer/advise.hpp"

#include "transfer/advise/strategies.hpp"

namespace graft::transfer {

/// From measurements to a recommendation. advice: photos, depths and several_depths are there; trials: in the
/// order of enum Strategy. Fills similar, trials, recommended, first_layer, learning_rate and why.
void recommend(Advice& advice, std::vector<TrialResult> trials);

/// Of outcomes in the order of enum Strategy the most accurate; of equals the one that trains less.
[[nodiscard]] Strategy best_of(const std::vector<StrategyTrial>& outcomes);

}  // namespace graft::transfer
