// SPDX-License-Identifier: Apache-2.0
// predictions.csv of a model that gives a photo several labels.
#include <algorithm>
#include <array>
#include <charconv>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/classify/predictions.hpp"

namespace graft::classify {
namespace {

constexpr std::uintmax_t kLargestLabels = std::uintmax_t{2} << 30;
constexpr std::array kLabelColumns{"file", "part", "fold", "answered_by", "truths", "answers"};

/// The rows of such a file.
class LabelRows {
 public:
  LabelRows(const std::filesystem::path& file, const std::string& text) : file_(file), reader_(text) {}

  SavedPredictions read() {
    std::vector<std::string> fields;
    if (reader_.next(fields)) read_names(fields);
    if (saved_.class_names.empty())
      refuse("other columns than file, part, fold, answered_by, truths, answers and the labels");
    while (reader_.next(fields)) read_row(fields);
    PhotoAnswers& answers = saved_.answers;
    answers.probabilities = Tensor({static_cast<std::int64_t>(answers.files.size()),
                                    static_cast<std::int64_t>(saved_.class_names.size())});
    std::ranges::copy(values_, answers.probabilities.data<float>().begin());
    return std::move(saved_);
  }

 private:
  template <typename... Words>
  [[noreturn]] void refuse(const Words&... words) const {
    fail(ErrorKind::bad_file, file_.string(), ", line ", reader_.line(), ": ", words...,
         "; expected a predictions.csv as graft train writes it");
  }

  void read_names(const std::vector<std::string>& header) {
    if (header.size() > kLabelColumns.size() &&
        std::equal(kLabelColumns.begin(), kLabelColumns.end(), header.begin()))
      saved_.class_names.assign(header.begin() + kLabelColumns.size(), header.end());
  }

  void read_row(const std::vector<std::string>& fields) {
    if (fields.size() != kLabelColumns.size() + saved_.class_names.size())
      refuse(fields.size(), " fields, expected ", kLabelColumns.size() + saved_.class_names.size());
    PhotoAnswers& answers = saved_.answers;
    answers.files.emplace_back(fields[0]);
    answers.parts.push_back(part_of(fields[1]));
    answers.folds.push_back(fields[2].empty() ? 0 : static_cast<std::size_t>(number(fields[2])));
    answers.by_model.push_back(fields[3] != "head");
    answers.truth_sets.push_back(labels_in(fields[4]));
    for (std::size_t k = kLabelColumns.size(); k < fields.size(); ++k) values_.push_back(number(fields[k]));
  }

  /// "cat|dog": names may have a | too, so that a text can have several readings; then nothing is guessed.
  [[nodiscard]] std::vector<int> labels_in(const std::string& text) const {
    if (text.empty()) return {};
    // Of the text from each place on: readings, at most two, and the first label of one of them.
    std::vector<int> readings(text.size() + 2), first(text.size() + 2);
    readings[text.size() + 1] = 1;
    for (std::size_t at = text.size() + 1; at-- > 0;) {
      for (std::size_t k = 0; k < saved_.class_names.size(); ++k) {
        const std::size_t end = end_of(text, at, saved_.class_names[k]);
        if (end == 0 || readings[end] == 0) continue;
        readings[at] = std::min(readings[at] + readings[end], 2);
        first[at] = static_cast<int>(k);
      }
    }
    if (readings[0] == 0) refuse("no columns have the names of the labels '", text, "'");
    if (readings[0] > 1) refuse("the labels '", text, "' can be read in two ways, since a name contains |");
    std::vector<int> labels;
    for (std::size_t at = 0; at <= text.size();
         at = end_of(text, at, saved_.class_names[static_cast<std::size_t>(labels.back())]))
      labels.push_back(first[at]);
    std::ranges::sort(labels);
    return labels;
  }

  /// Where the next label begins if `name` stands at `at`; 0: it does not.
  static std::size_t end_of(const std::string& text, std::size_t at, const std::string& name) {
    const std::size_t end = at + name.size();
    if (text.compare(at, name.size(), name) != 0 || (end < text.size() && text[end] != '|')) return 0;
    return end + 1;
  }

  [[nodiscard]] Part part_of(const std::string& name) const {
    for (const Part part : {Part::train, Part::validation, Part::test}) {
      if (name == part_name(part)) return part;
    }
    refuse("the part '", name, "' is none of train, validation, test");
  }

  [[nodiscard]] float number(const std::string& text) const {
    float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0))
      refuse("'", text, "' is not a number from 0");
    return value;
  }

  const std::filesystem::path& file_;
  CsvReader reader_;
  SavedPredictions saved_;
  std::vector<float> values_;
};

}  // namespace

SavedPredictions read_several_predictions(const std::filesystem::path& file) {
  const std::string text = read_file(file, kLargestLabels);
  return LabelRows(file, text).read();
}

}  // namespace graft::classify
