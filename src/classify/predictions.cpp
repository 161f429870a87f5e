// SPDX-License-Identifier: Apache-2.0
#include "graft/classify/predictions.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <span>
#include <utility>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/classify/best_class.hpp"

#include "classify/prediction_rows.hpp"

namespace graft::classify {
namespace {

constexpr std::array kClassColumns{"file", "part", "fold", "answered_by", "truth", "answer"};
constexpr std::array kLabelColumns{"file", "part", "fold", "answered_by", "truths", "answers"};

/// Refuses files of the other kinds, which have the same first columns.
void check_kind(const PredictionRows& rows, const std::filesystem::path& file) {
  const std::vector<std::string> columns = rows.fields_from(kPhotoColumns.size());
  if (columns.empty()) return;
  if (columns.front() == kLabelColumns[kPhotoColumns.size()]) {
    fail(ErrorKind::unsupported, file.string(),
         " has answers with several labels a photo, which comparisons do not show; its figures are in "
         "result.json");
  }
  if (columns.front().starts_with("truth_")) {
    fail(ErrorKind::unsupported, file.string(),
         " has numbers, no classes, which comparisons do not show; its figures are in result.json");
  }
}

/// Where the next label begins if `name` stands at `at`; 0: it does not.
std::size_t end_of(const std::string& text, std::size_t at, const std::string& name) {
  const std::size_t end = at + name.size();
  if (text.compare(at, name.size(), name) != 0 || (end < text.size() && text[end] != '|')) return 0;
  return end + 1;
}

/// "cat|dog": names may have a | too, so that a text can have several readings; then nothing is guessed.
std::vector<int> labels_in(const PredictionRows& rows, const std::string& text,
                           const std::vector<std::string>& names) {
  if (text.empty()) return {};
  // Of the text from each place on: readings, at most two, and the first label of one of them.
  std::vector<int> readings(text.size() + 2), first(text.size() + 2);
  readings[text.size() + 1] = 1;
  for (std::size_t at = text.size() + 1; at-- > 0;) {
    if (at > 0 && text[at - 1] != '|') continue;
    for (std::size_t k = 0; k < names.size(); ++k) {
      const std::size_t end = end_of(text, at, names[k]);
      if (end == 0 || readings[end] == 0) continue;
      readings[at] = std::min(readings[at] + readings[end], 2);
      first[at] = static_cast<int>(k);
    }
  }
  if (readings[0] == 0) rows.refuse("no columns have the names of the labels '", text, "'");
  if (readings[0] > 1)
    rows.refuse("the labels '", text, "' can be read in two ways, since a name contains |");
  std::vector<int> labels;
  for (std::size_t at = 0; at <= text.size();
       at = end_of(text, at, names[static_cast<std::size_t>(labels.back())]))
    labels.push_back(first[at]);
  std::ranges::sort(labels);
  return labels;
}

/// The rows after the header. take_truth: of each row.
SavedPredictions read_rows(PredictionRows& rows, std::vector<std::string> names,
                           const std::function<void(PhotoAnswers&, const std::string&)>& take_truth) {
  constexpr std::size_t kFirst = kClassColumns.size();
  SavedPredictions saved{.class_names = std::move(names), .answers = {}};
  std::vector<float> values;
  while (rows.next(kFirst + saved.class_names.size(), saved.answers)) {
    take_truth(saved.answers, rows.fields()[kPhotoColumns.size()]);
    for (const std::string& field : rows.fields_from(kFirst)) values.push_back(rows.number_from_0(field));
  }
  saved.answers.probabilities = rows_tensor(values, saved.class_names.size());
  return saved;
}

}  // namespace

const char* part_name(Part part) {
  return part == Part::train ? "train" : part == Part::validation ? "validation" : "test";
}

std::string predictions_csv(const PhotoAnswers& answers, const std::vector<std::string>& class_names,
                            const std::vector<double>& thresholds) {
  const bool several = !thresholds.empty();
  std::string text;
  for (const char* column : several ? kLabelColumns : kClassColumns)
    text += (text.empty() ? "" : ",") + std::string(column);
  for (const std::string& name : class_names) text += "," + csv_field(name);
  text += '\n';
  const std::size_t width = class_names.size();
  for (std::size_t i = 0; i < answers.files.size(); ++i) {
    const std::span<const float> row = answers.probabilities.data<float>().subspan(i * width, width);
    const std::size_t answer = best_class(row);
    std::string truth, said;
    if (several) {
      for (const int label : answers.truth_sets[i])
        truth += (truth.empty() ? "" : "|") + class_names[static_cast<std::size_t>(label)];
      for (std::size_t k = 0; k < width; ++k) {
        if (static_cast<double>(row[k]) >= thresholds[k]) said += (said.empty() ? "" : "|") + class_names[k];
      }
    } else {
      truth = class_names[static_cast<std::size_t>(answers.truth[i])];
      said = class_names[answer];
    }
    text += cat(photo_columns(answers, i), ',', csv_field(truth), ',', csv_field(said));
    for (const float probability : row) append_number(text += ',', probability);
    text += '\n';
  }
  return text;
}

SavedPredictions read_predictions(const std::filesystem::path& file) {
  PredictionRows rows(file);
  if (rows.next()) check_kind(rows, file);
  const std::vector<std::string> names = rows.fields_from(kClassColumns.size());
  if (names.size() < 2 || !rows.begins_with(kClassColumns))
    rows.refuse("other columns than file, part, fold, answered_by, truth, answer and the classes");
  std::map<std::string, int> index;
  for (std::size_t k = 0; k < names.size(); ++k) index[names[k]] = static_cast<int>(k);
  return read_rows(rows, names, [&](PhotoAnswers& answers, const std::string& name) {
    const auto truth = index.find(name);
    if (truth == index.end()) rows.refuse("no column has the name of the class '", name, "'");
    answers.truth.push_back(truth->second);
  });
}

SavedPredictions read_several_predictions(const std::filesystem::path& file) {
  PredictionRows rows(file);
  std::vector<std::string> names;
  if (rows.next() && rows.begins_with(kLabelColumns)) names = rows.fields_from(kLabelColumns.size());
  if (names.empty())
    rows.refuse("other columns than file, part, fold, answered_by, truths, answers and the labels");
  return read_rows(rows, names, [&](PhotoAnswers& answers, const std::string& text) {
    answers.truth_sets.push_back(labels_in(rows, text, names));
  });
}

}  // namespace graft::classify
