// SPDX-License-Identifier: Apache-2.0
// Training for several labels a photo and for numbers: a head on the frozen network, then fine-tuning where
// the kind has it and it helps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/frozen/frozen_kind.hpp"
#include "transfer/list/photo_lists.hpp"

namespace graft {
inline namespace transfer {

/// Computes features, solves the kind's head on them, fine-tunes from it, and measures the result. Errors:
/// Error{unsupported} for options that the kind has not; Error{invalid_argument} where a part would be empty;
/// Error{interrupted}.
[[nodiscard]] TrainResult train_frozen(FrozenKind& kind, const PhotoLists& lists,
                                       const std::filesystem::path& folder, const TrainOptions& given,
                                       Reporter& reporter);

/// Five folds of one size, as divide() makes parts of such fractions; none where the photos are very few or
/// very many.
[[nodiscard]] PhotoFolds frozen_folds(std::size_t photos,
                                      const std::function<PhotoFolds(std::span<const double>)>& divide);

/// "split 70 train, 15 validation, 15 test, by content, groups together, seed 1". how: "by content".
[[nodiscard]] std::string frozen_split_note(const Photos& photos, const char* how, bool in_groups,
                                            std::uint64_t seed);

}  // namespace transfer
}  // namespace graft
