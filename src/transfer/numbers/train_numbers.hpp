// SPDX-License-Identifier: Apache-2.0
// Training on numbers in place of classes.
#pragma once

#include <filesystem>

#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/list/photo_lists.hpp"

namespace graft {
inline namespace transfer {

/// Solves a linear head on frozen features, and fine-tunes from it. Errors: Error{unsupported} for options
/// that this has not; Error{invalid_argument} where a part would be empty.
[[nodiscard]] TrainResult train_numbers(const PhotoLists& lists, const std::filesystem::path& folder,
                                        const TrainOptions& options, Reporter& reporter);

}  // namespace transfer
}  // namespace graft
