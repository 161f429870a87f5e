// SPDX-License-Identifier: Apache-2.0
// predictions.csv of a model that estimates numbers.
#include <charconv>
#include <span>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/classify/predictions.hpp"

namespace graft::classify {
namespace {

constexpr std::uintmax_t kLargestNumbers = std::uintmax_t{2} << 30;
constexpr std::size_t kBeforeNumbers = 4;  // columns before the numbers
constexpr std::string_view kTruthColumn = "truth_", kAnswerColumn = "answer_";

float number_in(const std::filesystem::path& file, std::size_t line, const std::string& text) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) return value;
  fail(ErrorKind::bad_file, file.string(), ", line ", line, ": '", text, "' is not a number");
}

Part part_in(const std::filesystem::path& file, std::size_t line, const std::string& name) {
  for (const Part part : {Part::train, Part::validation, Part::test}) {
    if (name == part_name(part)) return part;
  }
  fail(ErrorKind::bad_file, file.string(), ", line ", line, ": the part '", name,
       "' is none of train, validation, test");
}

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
    const char* by = answers.seen(i) ? "model_seen" : answers.by_model[i] ? "model" : "head";
    text += cat(csv_field(answers.files[i].string()), ',', part_name(answers.parts[i]), ',',
                answers.folds[i] > 0 ? std::to_string(answers.folds[i]) : std::string(), ',', by);
    for (std::size_t k = i * width; k < (i + 1) * width; ++k) {
      append_number(text += ',', answers.truth_numbers.data<float>()[k]);
      append_number(text += ',', answers.probabilities.data<float>()[k]);
    }
    text += '\n';
  }
  return text;
}

SavedPredictions read_number_predictions(const std::filesystem::path& file) {
  const std::string text = read_file(file, kLargestNumbers);
  CsvReader reader(text);
  std::vector<std::string> fields;
  SavedPredictions saved;
  if (reader.next(fields)) saved.class_names = number_names_in(fields);
  const std::size_t width = saved.class_names.size();
  if (width == 0)
    fail(ErrorKind::bad_file, file.string(),
         ": other columns than file, part, fold, answered_by, and truth_ and answer_ of each number");
  std::vector<float> truth, answered;
  PhotoAnswers& answers = saved.answers;
  while (reader.next(fields)) {
    const std::size_t line = reader.line();
    if (fields.size() != kBeforeNumbers + 2 * width)
      fail(ErrorKind::bad_file, file.string(), ", line ", line, ": ", fields.size(), " fields, expected ",
           kBeforeNumbers + 2 * width);
    answers.files.emplace_back(fields[0]);
    answers.parts.push_back(part_in(file, line, fields[1]));
    answers.folds.push_back(fields[2].empty() ? 0
                                              : static_cast<std::size_t>(number_in(file, line, fields[2])));
    answers.by_model.push_back(fields[3] != "head");
    for (std::size_t k = kBeforeNumbers; k < fields.size(); k += 2) {
      truth.push_back(number_in(file, line, fields[k]));
      answered.push_back(number_in(file, line, fields[k + 1]));
    }
  }
  const Shape shape{static_cast<std::int64_t>(answers.files.size()), static_cast<std::int64_t>(width)};
  answers.truth_numbers = Tensor(shape);
  answers.probabilities = Tensor(shape);
  std::ranges::copy(truth, answers.truth_numbers.data<float>().begin());
  std::ranges::copy(answered, answers.probabilities.data<float>().begin());
  return saved;
}

}  // namespace graft::classify
