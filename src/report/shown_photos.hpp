// SPDX-License-Identifier: Apache-2.0
// Which photos a page shows, so that its size has a bound.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "report/answer_figures.hpp"

namespace graft {
inline namespace report {

/// A photo in the page.
struct ShownPhoto {
  std::filesystem::path file;
  std::optional<std::size_t> row;  ///< of PhotoAnswers; unset: a photo of a finding without an answer
  std::size_t set = 0;             ///< of answer_sets()
};

/// The photos of a page and lists of them: positions in `photos`.
struct ShownPhotos {
  std::vector<ShownPhoto> photos;
  std::vector<std::vector<std::size_t>> worst;          ///< of each set: mistakes, the surest first
  std::vector<std::vector<std::size_t>> least_certain;  ///< of each set: the smallest margin first
};

/// What there is to choose from.
struct PhotoChoice {
  const PhotoAnswers& photos;
  const std::vector<Answer>& answers;
  const std::vector<AnswerSet>& sets;
  std::vector<std::filesystem::path> of_findings;  ///< wanted as well
};

/// At most `limit` photos: mistakes, uncertain answers, some of each cell of the confusion, and a sample of
/// the others that depends on their names only; then at most kMostFindingPhotos of the findings'.
[[nodiscard]] ShownPhotos choose_photos(const PhotoChoice& from, std::size_t limit);
inline constexpr std::size_t kMostFindingPhotos = 90;

/// Adds answered photos of findings that are not shown yet, at most kMostFindingPhotos.
void add_answered_findings(ShownPhotos& shown, const PhotoAnswers& photos, const std::vector<AnswerSet>& sets,
                           const std::vector<std::filesystem::path>& files);

}  // namespace report
}  // namespace graft
