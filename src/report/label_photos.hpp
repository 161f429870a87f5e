// SPDX-License-Identifier: Apache-2.0
// Answers with several labels a photo: which of them are given, and which photos a page shows.
#pragma once

#include <cstddef>
#include <vector>

#include "report/answer_figures.hpp"
#include "report/run_files.hpp"
#include "report/shown_photos.hpp"

namespace graft {
inline namespace report {

/// The rows of a run, and the thresholds from which on labels are given.
class LabelAnswers {
 public:
  /// run must outlive it. Errors: Error{bad_file} where its result.json has other thresholds than labels.
  explicit LabelAnswers(const RunFiles& run);

  [[nodiscard]] std::size_t labels() const { return thresholds_.size(); }
  [[nodiscard]] const std::vector<double>& thresholds() const { return thresholds_; }
  [[nodiscard]] float probability(std::size_t row, std::size_t k) const {
    return run_.answers.probabilities.data<float>()[row * labels() + k];
  }
  [[nodiscard]] bool has(std::size_t row, std::size_t k) const { return truth_[row * labels() + k]; }
  [[nodiscard]] bool given(std::size_t row, std::size_t k) const {
    return static_cast<double>(probability(row, k)) >= thresholds_[k];
  }
  [[nodiscard]] bool wrong(std::size_t row, std::size_t k) const { return has(row, k) != given(row, k); }
  [[nodiscard]] bool any_wrong(std::size_t row) const;
  /// Keras's binary cross-entropy of one label, and the sum over all.
  [[nodiscard]] double loss(std::size_t row, std::size_t k) const;
  [[nodiscard]] double loss(std::size_t row) const;

  /// Of some rows, as scikit-learn computes them.
  [[nodiscard]] SeveralLabelsFigures figures(const std::vector<std::size_t>& rows) const;
  [[nodiscard]] std::vector<SeveralLevelFigures> levels(const std::vector<std::size_t>& rows) const;

 private:
  struct Tables {
    Tensor probabilities, truth;
  };
  [[nodiscard]] Tables tables(const std::vector<std::size_t>& rows) const;

  const RunFiles& run_;
  std::vector<double> thresholds_;
  std::vector<bool> truth_;  ///< row by row
};

/// The photos of a page and lists of them: positions in `photos`.
struct LabelPhotos {
  ShownPhotos shown;  ///< worst: of each set, photos with a wrong label, the largest loss first
  /// Of each set and label: photos that have it and are not given it, and the other way round, the surest
  /// first.
  std::vector<std::vector<std::vector<std::size_t>>> missed, mistaken;
};

/// At most `limit` photos: the worst, the surest mistakes of each label, and a sample of the others that
/// depends on their names only.
[[nodiscard]] LabelPhotos choose_label_photos(const RunFiles& run, const LabelAnswers& answers,
                                              const std::vector<AnswerSet>& sets, std::size_t limit);

}  // namespace report
}  // namespace graft
