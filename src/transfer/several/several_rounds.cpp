// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/several_rounds.hpp"

#include <algorithm>
#include <utility>

#include "transfer/split/known_rows.hpp"

namespace graft::transfer {
namespace {

/// Whether all labels that the earlier model has are right, photo by photo.
struct RightLabels {
  std::vector<bool> before, now;
};

RightLabels right_labels(const EarlierLabels& earlier, const RoundAnswers& answers, const Photos& photos) {
  const std::vector<std::vector<int>> truth = photos.test.label_sets();
  RightLabels right{.before = std::vector<bool>(truth.size(), true),
                    .now = std::vector<bool>(truth.size(), true)};
  const std::size_t width = photos.class_names.size();
  for (std::size_t k = 0; k < earlier.labels.size(); ++k) {
    const auto found = std::ranges::find(photos.class_names, earlier.labels[k]);
    const auto here = static_cast<std::size_t>(found - photos.class_names.begin());
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const bool has = std::ranges::find(truth[i], static_cast<int>(here)) != truth[i].end();
      const float before = answers.before.data<float>()[i * earlier.labels.size() + k],
                  now = answers.now.data<float>()[i * width + here];
      if ((static_cast<double>(before) >= earlier.thresholds[k]) != has) right.before[i] = false;
      if ((static_cast<double>(now) >= answers.thresholds[here]) != has) right.now[i] = false;
    }
  }
  return right;
}

/// Fills the figures of a row, of the photos at these places.
void fill_row(RoundScore& row, const RightLabels& right, const std::vector<std::size_t>& places) {
  if (places.empty()) return;
  const auto share = [&](const std::vector<bool>& of) {
    return static_cast<double>(std::ranges::count_if(places, [&](std::size_t i) { return of[i]; })) /
           static_cast<double>(places.size());
  };
  row.accuracy_before = share(right.before);
  row.accuracy = share(right.now);
}

}  // namespace

std::vector<RoundScore> score_label_rounds(const EarlierLabels& earlier, const RoundAnswers& answers,
                                           const Photos& photos) {
  const RightLabels right = right_labels(earlier, answers, photos);
  std::vector<RoundScore> scores;
  for (RoundRow& row : rows_of_rounds(earlier.rounds, photos)) {
    fill_row(row.score, right, row.places);
    scores.push_back(std::move(row.score));
  }
  return scores;
}

}  // namespace graft::transfer
