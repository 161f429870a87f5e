// SPDX-License-Identifier: Apache-2.0
#include "transfer/numbers/numbers_rounds.hpp"

#include <algorithm>
#include <utility>

#include "transfer/features/rows.hpp"
#include "transfer/measure/score.hpp"
#include "transfer/split/known_rows.hpp"

namespace graft::transfer {

std::vector<RoundScore> score_number_rounds(const EarlierNumbers& earlier, const Tensor& before,
                                            const Tensor& now, const Photos& photos) {
  constexpr std::size_t kFewest = 2;  // one photo has no variance
  const Tensor truth = photos.test.targets();
  std::vector<RoundScore> scores;
  for (RoundRow& row : rows_of_rounds(earlier.rounds, photos)) {
    if (row.places.size() >= kFewest) {
      const Tensor right = take_rows(truth, row.places);
      row.score.accuracy_before = share_explained(number_figures(take_rows(before, row.places), right));
      row.score.accuracy = share_explained(number_figures(take_rows(now, row.places), right));
    }
    scores.push_back(std::move(row.score));
  }
  return scores;
}

}  // namespace graft::transfer
