// SPDX-License-Identifier: Apache-2.0
// Later rounds of several labels or numbers: photos that earlier rounds know keep their part.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "graft/evaluation.hpp"
#include "graft/train.hpp"

#include "transfer/load/photo_pool.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/split/split.hpp"

namespace graft {
inline namespace transfer {

/// Rows of a pool, and what earlier rounds say of them.
struct RowsByRound {
  std::vector<std::size_t> fresh;                ///< not known: to be divided
  std::array<std::vector<std::size_t>, 3> kept;  ///< by part
  std::size_t keep_part = 0, left_out = 0;       ///< photos
};
/// known: parts of photos by their prints, which they keep, and with them photos of their groups; a known
/// test photo is left out where the test photos are given. Without known photos all are fresh.
[[nodiscard]] RowsByRound rows_by_round(const PhotoPool& pool, const std::map<std::string, Part>& known);

/// Adds the rows that keep their part to a split of the fresh ones.
void add_kept_rows(Split& split, const RowsByRound& rows);

/// Leaves photos that had another part in earlier rounds out of given validation and test photos. Returns the
/// end of the note on the split, "; 64 known from earlier rounds keep their part"; empty where nothing is
/// known. Errors: Error{invalid_argument} where a given part would be empty.
[[nodiscard]] std::string keep_known_apart(Photos& photos, const PhotoPool& pool,
                                           const std::map<std::string, Part>& known, RowsByRound& rows);

/// A row of the table of rounds, and its photos' places among the test photos.
struct RoundRow {
  RoundScore score;  ///< without the figures before and now
  std::vector<std::size_t> places;
};
/// One for each earlier round, the first one first, then one for this round, of all test photos. The row of
/// this round has no folder.
[[nodiscard]] std::vector<RoundRow> rows_of_rounds(const std::vector<RoundRecord>& rounds,
                                                   const Photos& photos);

}  // namespace transfer
}  // namespace graft
