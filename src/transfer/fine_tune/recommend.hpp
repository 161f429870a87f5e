// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "graft/train.hpp"

#include "transfer/fine_tune/strategies.hpp"

namespace graft {
inline namespace transfer {

/// Place of photos on the size-similarity matrix.
struct Place {
  double photos_per_class = 0;
  bool many = false;     ///< 200 a class or more
  bool similar = false;  ///< a head on the frozen network's last features goes 85 % of the way to perfection
};
/// accuracy: of that head on photos that it has not seen.
[[nodiscard]] Place place_of(std::size_t photos, std::size_t classes, double accuracy);

/// The strategies worth trying there besides a head, in this order: part of the network; for many photos
/// that differ from those it was trained on, everything too.
[[nodiscard]] std::span<const Strategy> worth_trying(const Place& place);

/// From measurements to a recommendation. advice: photos, depths and several_depths are there; trials: in the
/// order of enum Strategy. Fills the place, trials, recommended, first_layer, learning_rate and why.
void recommend(Advice& advice, std::vector<TrialResult> trials);

/// The most accurate outcome; ties go to the one that trains less. outcomes: in the order of enum Strategy.
[[nodiscard]] Strategy best_of(const std::vector<StrategyTrial>& outcomes);

}  // namespace transfer
}  // namespace graft
