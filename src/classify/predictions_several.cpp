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

  /// "cat|dog": at each place the longest name that ends at a | or at the end, since names may have a | too.
  [[nodiscard]] std::vector<int> labels_in(std::string_view text) const {
    std::vector<int> labels;
    while (!text.empty()) {
      std::size_t best = saved_.class_names.size();
      for (std::size_t k = 0; k < saved_.class_names.size(); ++k) {
        const std::string& name = saved_.class_names[k];
        const bool here = text.starts_with(name) && (text.size() == name.size() || text[name.size()] == '|');
        if (here && (best == saved_.class_names.size() || name.size() > saved_.class_names[best].size()))
          best = k;
      }
      if (best == saved_.class_names.size()) refuse("no column has the name of the label '", text, "'");
      labels.push_back(static_cast<int>(best));
      text.remove_prefix(std::min(text.size(), saved_.class_names[best].size() + 1));
    }
    std::ranges::sort(labels);
    return labels;
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
