// SPDX-License-Identifier: Apache-2.0
// From probabilities to an answer: a class, or "unknown".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/json_fwd.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace classify {

/// A wanted recall of one class: at least this part of its photos is to be answered with it.
struct MinRecall {
  std::string class_name{};  ///< the class that must not be missed
  double recall = 0;         ///< fraction of 1, above 0 and below 1
  friend bool operator==(const MinRecall&, const MinRecall&) = default;
};
/// "defect=0.99". The last = counts, so that names may have one. Errors: Error{invalid_argument}.
[[nodiscard]] MinRecall parse_min_recall(const std::string& text);

/// A class that is named wherever its probability reaches a threshold, whatever the others have. Photos of
/// which it is the most probable class are answered with it anyway.
struct RecallRule {
  MinRecall wanted{};     ///< the class and its recall
  std::size_t index = 0;  ///< the class's position
  double threshold = 1;   ///< probability, 0..1
};

/// When a classifier answers with another class than the most probable one, or with none.
struct DecisionRules {
  /// Answers below this probability are unknown; unset: none are. In a model file it is what --reject uses.
  /// Of several labels: below this LabelCertainty::probability.
  std::optional<double> reject_below{};
  /// Empty: the most probable class is the answer. Of several labels: those that must not be missed, whose
  /// thresholds in the model are low enough.
  std::vector<RecallRule> min_recall{};
};

/// How a photo whose class is unknown is called.
inline constexpr const char* kUnknown = "unknown";

/// The answer for one photo.
struct Decision {
  std::optional<std::int64_t> index{};  ///< position of the class; unset: unknown
  std::string name = kUnknown;          ///< of the class
  std::string reason{};                 ///< why it is not the most probable class; empty: it is
  /// Other classes of RecallRules that the photo may be, the most probable first.
  std::vector<std::string> also{};
};

/// The answer for a row of probabilities. RecallRules come first: a photo that reaches a threshold is never
/// unknown. Where it reaches several, the most probable of these classes is the answer and the others are in
/// Decision::also, so that none of them is missed. A probability that is no number reaches nothing.
/// class_names: one a probability. Errors: Error{shape_mismatch} for another number of probabilities.
[[nodiscard]] Decision decide(std::span<const float> probabilities,
                              const std::vector<std::string>& class_names, const DecisionRules& rules);

/// How sure the answer of several labels is.
struct LabelCertainty {
  /// That all labels of the photo are right, as if they were independent of each other: the product over the
  /// labels of p where the label is given, of 1 - p where it is not. 0 where a probability is no number.
  double probability = 1;
  std::size_t least = 0;  ///< position of the label whose factor is the smallest, of equal ones the first
};
/// Of a row of probabilities, one a label; a label is given from its threshold on. Errors:
/// Error{shape_mismatch} for another number of thresholds than probabilities.
[[nodiscard]] LabelCertainty label_certainty(std::span<const float> probabilities,
                                             const std::vector<double>& thresholds);
/// Whether the labels that reach their thresholds are those of the photo. truth: 1 for each label that it
/// has, else 0. Errors: as label_certainty().
[[nodiscard]] bool labels_are_right(std::span<const float> probabilities, std::span<const float> truth,
                                    const std::vector<double>& thresholds);

/// decide() for several labels: Decision::reason says why the photo's labels are unknown, and is empty where
/// the labels that reach their thresholds are the answer. The decision has no class. They are unknown where
/// label_certainty() is below rules.reject_below, but never where a label of rules.min_recall is given.
/// names, thresholds: one a label. Errors: Error{shape_mismatch} for another number of probabilities.
[[nodiscard]] Decision decide_labels(std::span<const float> probabilities,
                                     const std::vector<std::string>& names,
                                     const std::vector<double>& thresholds, const DecisionRules& rules);

/// What one RecallRule does to labelled photos. A photo is answered with the class where it is the answer or
/// in Decision::also.
struct RecallFigures {
  std::size_t of_class = 0;             ///< photos of the class
  std::size_t found = 0;                ///< of those, answered with it
  std::size_t found_before = 0;         ///< of those, it is the most probable class
  std::size_t others = 0;               ///< photos of other classes
  std::size_t false_alarms = 0;         ///< of those, answered with the class
  std::size_t false_alarms_before = 0;  ///< of those, it is the most probable class
};
/// How the answers by rules compare with the most probable classes on labelled photos.
struct DecisionFigures {
  std::size_t photos = 0;          ///< number of photos
  std::size_t right = 0;           ///< most probable class is theirs
  std::size_t answered = 0;        ///< not unknown; all of them without reject_below
  std::size_t answered_right = 0;  ///< of those, answered with their class (Decision::also does not count)
  std::vector<RecallFigures> recalls{};  ///< one a RecallRule; they do not depend on reject_below
};
/// probabilities: float32 (N, classes); truth: the class of each row. Errors: Error{shape_mismatch}.
[[nodiscard]] DecisionFigures decision_figures(const Tensor& probabilities, const std::vector<int>& truth,
                                               const DecisionRules& rules);
/// The same for several labels: right is a photo with all labels right, answered one whose labels are not
/// unknown (decide_labels()). There are no recalls. probabilities, truth: float32 (N, K). Errors:
/// Error{shape_mismatch}.
[[nodiscard]] DecisionFigures label_decision_figures(const Tensor& probabilities, const Tensor& truth,
                                                     const std::vector<double>& thresholds,
                                                     const DecisionRules& rules);
/// As in result.json and `graft evaluate --json`: counts, fractions and their 95 % intervals.
[[nodiscard]] Json to_json(const DecisionFigures& figures, const DecisionRules& rules);
/// The same in words, a sentence for each rule: "unknown below 81.2 %: 130 of 138 photos answered, ...".
[[nodiscard]] std::vector<std::string> describe(const DecisionFigures& figures, const DecisionRules& rules);

/// Number of answers below which no threshold is looked for.
inline constexpr std::size_t kFewestToReject = 20;

/// The lowest threshold for "unknown" with which the answers have a wanted accuracy on photos that what
/// answered had not been trained on. As caution one more answer than were is counted as wrong:
/// (wrong + 1) / (answered + 1) is at most 1 - accuracy.
///   probabilities  float32 (N, classes)
///   truth          the class of each row
///   accuracy       above 0 and below 1. Unset: half as many wrong answers in proportion as without; where
///   the
///                  photos are too few for that, the probability of the least certain of them
/// Returns nothing where no threshold reaches the accuracy, or for fewer than kFewestToReject photos. Errors:
/// Error{invalid_argument}; Error{shape_mismatch}.
[[nodiscard]] std::optional<double> find_reject_threshold(const Tensor& probabilities,
                                                          const std::vector<int>& truth,
                                                          std::optional<double> accuracy = {});

/// The same for several labels, of label_certainty(): an answer is right where all labels of the photo are.
///   probabilities  float32 (N, K)
///   truth          float32 (N, K): 1 for each label of a photo, else 0
///   thresholds     probabilities from which on labels are given, one a label
[[nodiscard]] std::optional<double> find_label_reject_threshold(const Tensor& probabilities,
                                                                const Tensor& truth,
                                                                const std::vector<double>& thresholds,
                                                                std::optional<double> accuracy = {});

/// Number of photos of a class that find_recall_threshold() needs for a recall: 99 for 0.99.
[[nodiscard]] std::size_t fewest_for_recall(double recall);

/// The threshold with which a new photo of a class is found with a probability of at least `recall`, if it is
/// drawn like those given (split conformal prediction: Vovk, Gammerman and Shafer 2005; Angelopoulos and
/// Bates 2021): of n photos of the class, the k-th smallest of their probabilities for it, where
/// k = floor((n + 1) (1 - recall)). Errors: Error{invalid_argument} for fewer than fewest_for_recall(recall)
/// photos of the class, with their number and the highest recall that they allow; Error{shape_mismatch}.
[[nodiscard]] double find_recall_threshold(const Tensor& probabilities, const std::vector<int>& truth,
                                           std::size_t index, const MinRecall& wanted);

/// The rules in a model file's metadata (kMetadataEntry): "reject": {"threshold"} and "min_recall": a list of
/// {"class", "recall", "threshold"}. Errors: Error{bad_file} for thresholds that are no probabilities, and
/// for a class that is not among the names or there twice.
[[nodiscard]] DecisionRules decision_rules(const Json& metadata, const std::vector<std::string>& class_names);

}  // namespace classify
}  // namespace graft

#pragma GCC visibility pop
