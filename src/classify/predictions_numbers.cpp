// SPDX-License-Identifier: Apache-2.0
// predictions.csv of a model that estimates numbers.
#include <string_view>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"

#include "classify/prediction_rows.hpp"

namespace graft::classify {
namespace {

constexpr std::size_t kBeforeNumbers = kPhotoColumns.size();
constexpr std::string_view kTruthColumn = "truth_", kAnswerColumn = "answer_";

/// Names of the numbers; empty where the columns are others.
std::vector<std::string> number_names_in(const std::vector<std::string>& header) {
  std::vector<std::string> names;
  for (std::size_t i = kBeforeNumbers; i + 1 < header.size(); i += 2) {
    const bool pair = header[i].starts_with(kTruthColumn) && header[i + 1].starts_with(kAnswerColumn) &&
                      header[i].substr(kTruthColumn.size()) == header[i + 1].substr(kAnswerColumn.size());
    if (!pair) return {};
    names.push_back(header[i].substr(kTruthColumn.size()));
  }
  return header.size() % 2 == 0 ? names : std::vector<std::string>{};
}

}  // namespace

std::string numbers_csv(const PhotoAnswers& answers, const std::vector<std::string>& names) {
  std::string text = "file,part,fold,answered_by";
  for (const std::string& name : names)
    text += cat(',', csv_field(cat(kTruthColumn, name)), ',', csv_field(cat(kAnswerColumn, name)));
  text += '\n';
  const std::size_t width = names.size();
  for (std::size_t i = 0; i < answers.files.size(); ++i) {
    text += photo_columns(answers, i);
    for (std::size_t k = i * width; k < (i + 1) * width; ++k) {
      append_number(text += ',', answers.truth_numbers.data<float>()[k]);
      append_number(text += ',', answers.probabilities.data<float>()[k]);
    }
    text += '\n';
  }
  return text;
}

SavedPredictions read_number_predictions(const std::filesystem::path& file) {
  PredictionRows rows(file);
  SavedPredictions saved;
  if (rows.next()) saved.class_names = number_names_in(rows.fields());
  const std::size_t width = saved.class_names.size();
  if (width == 0)
    rows.refuse("other columns than file, part, fold, answered_by, and truth_ and answer_ of each number");
  std::vector<float> truth, answered;
  while (rows.next(kBeforeNumbers + 2 * width, saved.answers)) {
    for (std::size_t k = kBeforeNumbers; k < rows.fields().size(); k += 2) {
      truth.push_back(rows.number(rows.fields()[k]));
      answered.push_back(rows.number(rows.fields()[k + 1]));
    }
  }
  saved.answers.truth_numbers = rows_tensor(truth, width);
  saved.answers.probabilities = rows_tensor(answered, width);
  return saved;
}

}  // namespace graft::classify
