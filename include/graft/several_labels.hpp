// SPDX-License-Identifier: Apache-2.0
// Classifiers that give a photo several labels, or none: their figures and thresholds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "graft/json_fwd.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace classify {

/// One class among several labels.
struct LabelFigures {
  std::size_t photos = 0;        ///< photos that have the label
  std::size_t answers = 0;       ///< photos that are given it
  double average_precision = 0;  ///< area under precision over recall, as scikit-learn's step function
  double precision = 0;          ///< of the photos that are given it the part that has it; 0 for none
  double recall = 0;             ///< of the photos that have it the part that is given it; 0 for none
  double f1 = 0;                 ///< harmonic mean of both
};

/// How good answers with several labels are. Definitions and values are scikit-learn's.
struct SeveralLabelsFigures {
  std::size_t photos = 0;             ///< number of photos
  double mean_average_precision = 0;  ///< mean over the classes that have photos
  double f1_micro = 0;                ///< of all decisions together
  double f1_macro = 0;                ///< mean of the classes' f1, those without photos included
  double exact_match = 0;             ///< part of the photos with all labels right
  double hamming_loss = 0;            ///< part of all decisions that is wrong
  std::vector<LabelFigures> classes;  ///< one a class
};

/// Compares answers with the truth.
///   probabilities  float32 (N, K)
///   truth          float32 (N, K), 1 where a photo has a label, else 0
///   thresholds     K probabilities from which on a label is given
/// Errors: Error{shape_mismatch}; Error{invalid_argument} for a truth other than 0 and 1, and for a
/// probability that is no number.
[[nodiscard]] SeveralLabelsFigures several_labels_figures(const Tensor& probabilities, const Tensor& truth,
                                                          const std::vector<double>& thresholds);

/// With fewer photos that have a label, or lack it, its threshold would be chance: it is 0.5.
inline constexpr std::size_t kFewestForThreshold = 5;

/// For each class the threshold with the highest F1 on these answers, in the middle between two
/// probabilities; of equal ones the nearest to 0.5. Answers must be for photos that what answered was not
/// trained on. Errors: as several_labels_figures().
[[nodiscard]] std::vector<double> find_label_thresholds(const Tensor& probabilities, const Tensor& truth);

/// {"mean_average_precision", ..., "classes": [{"name", "photos", ...}]}
[[nodiscard]] Json to_json(const SeveralLabelsFigures& figures, const std::vector<std::string>& class_names);

}  // namespace classify
}  // namespace graft

#pragma GCC visibility pop
