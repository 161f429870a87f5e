// SPDX-License-Identifier: Apache-2.0
// predictions.csv in a result folder: the answers for the photos of a run, one a line.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/evaluation.hpp"

namespace graft {
inline namespace classify {

/// The file in a result folder.
inline constexpr const char* kPredictionsFile = "predictions.csv";

/// "train", "validation" or "test".
[[nodiscard]] const char* part_name(Part part);

/// file, part (train, validation, test), fold (of training photos, from 1), answered_by (model; model_seen:
/// the model, which was trained on this photo; head: a head solved without the photo), truth, answer, then a
/// column of probabilities for each class. Of several labels truths and answers in place of truth and answer,
/// each with | between; thresholds: from which on a label is given. Texts with commas or quotes are quoted as
/// in RFC 4180.
[[nodiscard]] std::string predictions_csv(const PhotoAnswers& answers,
                                          const std::vector<std::string>& class_names,
                                          const std::vector<double>& thresholds = {});

/// What predictions_csv() wrote.
struct SavedPredictions {
  std::vector<std::string> class_names;  ///< in the order of the columns
  PhotoAnswers answers;                  ///< the rows
};

/// Reads such a file. Errors: Error{not_found}; Error{bad_file} naming the line.
[[nodiscard]] SavedPredictions read_predictions(const std::filesystem::path& file);

/// Reads such a file of several labels. Errors: as read_predictions().
[[nodiscard]] SavedPredictions read_several_predictions(const std::filesystem::path& file);

/// Of numbers: file, part, fold and answered_by as above, then for each number its truth_NAME and
/// answer_NAME.
[[nodiscard]] std::string numbers_csv(const PhotoAnswers& answers, const std::vector<std::string>& names);
/// Reads such a file. Errors: as read_predictions().
[[nodiscard]] SavedPredictions read_number_predictions(const std::filesystem::path& file);

}  // namespace classify
}  // namespace graft
