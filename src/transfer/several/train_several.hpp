// SPDX-License-Identifier: Apache-2.0
// Training with several labels on a photo.
#pragma once

#include <filesystem>

#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/list/photo_lists.hpp"
#include "transfer/several/several_rounds.hpp"

namespace graft {
inline namespace transfer {

/// Trains a sigmoid head on frozen features, and fine-tunes from it. earlier: null: a first round. Errors:
/// Error{unsupported} for options that this has not; Error{invalid_argument} where a part would be empty or a
/// label has no training photo, and for an earlier model of another network.
[[nodiscard]] TrainResult train_several(const PhotoLists& lists, const std::filesystem::path& folder,
                                        const TrainOptions& options, Reporter& reporter,
                                        const EarlierLabels* earlier = nullptr);

}  // namespace transfer
}  // namespace graft
