// SPDX-License-Identifier: Apache-2.0
// What the ranks of a run must have in common before they compute together.
#pragma once

#include <string>
#include <vector>

#include "graft/cluster/communicator.hpp"
#include "graft/model.hpp"
#include "graft/photos.hpp"
#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// Throws Error{invalid_argument} naming a rank and what differs there, unless all ranks have the same
/// program, options, number of threads and, besides, these facts. Without ranks it does nothing. All ranks
/// call it.
void compare_ranks(const TrainOptions& options, const std::vector<cluster::Fact>& facts);

/// Of the names of the files and what is said of them, not of folders, which may be elsewhere on another
/// machine.
[[nodiscard]] std::string hash_of_list(const data::PhotoList& list);
[[nodiscard]] std::string hash_of_weights(const Model& model);

}  // namespace transfer
}  // namespace graft
