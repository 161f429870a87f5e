// SPDX-License-Identifier: Apache-2.0
// Which of the networks whose weights are on this computer fits a folder of photos, by measuring.
#pragma once

#include <string>
#include <vector>

#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/list/photo_lists.hpp"

namespace graft {
inline namespace transfer {

/// Options that name a network.
struct ChosenNetwork {
  TrainOptions options;
  std::vector<NetworkTrial> trials;  ///< in the order of trying; empty: there was no choice
};

/// The options as they are, or where their model is "auto" with the network that fits the photos best: a head
/// is solved on each network's frozen features of some of the photos, none of them a test photo, and the
/// heads are compared by photos that they have not seen. The network with the least loss is chosen; two where
/// the mean of their answers has clearly less, options.single does not forbid it and the recipe can train
/// both. Each result is a note. With one network only, and for the tutorial recipe, there is no trial: the
/// one with the best published accuracy is chosen. Errors: Error{not_found} where the weights of no network
/// are on this computer; as load_pool() and make_base().
[[nodiscard]] ChosenNetwork with_network(const TrainOptions& options, const PhotoLists& lists,
                                         Reporter& reporter);

}  // namespace transfer
}  // namespace graft
