// SPDX-License-Identifier: Apache-2.0
// Training on numbers in place of classes.
#pragma once

#include <filesystem>

#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/list/photo_lists.hpp"
#include "transfer/numbers/numbers_rounds.hpp"

namespace graft {
inline namespace transfer {

/// Solves a linear head on frozen features, and fine-tunes from it. earlier: null: a first round. Errors:
/// Error{unsupported} for options that this has not; Error{invalid_argument} where a part would be empty, and
/// for an earlier model of another network.
[[nodiscard]] TrainResult train_numbers(const PhotoLists& lists, const std::filesystem::path& folder,
                                        const TrainOptions& options, Reporter& reporter,
                                        const EarlierNumbers* earlier = nullptr);

}  // namespace transfer
}  // namespace graft
