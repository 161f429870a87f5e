// SPDX-License-Identifier: Apache-2.0
// Training with several labels on a photo.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/frozen/frozen_head.hpp"
#include "transfer/list/photo_lists.hpp"

namespace graft {
inline namespace transfer {

/// What is known of an earlier round.
struct EarlierLabels {
  EarlierModel start;                 ///< its base's weights are those to start from
  std::vector<std::string> labels;    ///< that the photos must have too
  std::map<std::string, Part> parts;  ///< of its photos, by their prints: they keep them
};

/// Trains a sigmoid head on frozen features, and fine-tunes from it. earlier: null: a first round. Errors:
/// Error{unsupported} for options that this has not; Error{invalid_argument} where a part would be empty or a
/// label has no training photo, and for an earlier model of another network.
[[nodiscard]] TrainResult train_several(const PhotoLists& lists, const std::filesystem::path& folder,
                                        const TrainOptions& options, Reporter& reporter,
                                        const EarlierLabels* earlier = nullptr);

}  // namespace transfer
}  // namespace graft
