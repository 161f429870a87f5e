// SPDX-License-Identifier: Apache-2.0
#include "graft/classify/predictions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <span>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/classify/best_class.hpp"

namespace graft::classify {
namespace {

constexpr std::uintmax_t kLargestPredictions = std::uintmax_t{2} << 30;
constexpr std::array kFirstColumns{"file", "part", "fold", "answered_by", "truth", "answer"};
constexpr const char* kTruths = "truths";
constexpr const char* kByModel = "model";
constexpr const char* kBySeeingModel = "model_seen";
constexpr const char* kByHead = "head";

/// The lines of a predictions.csv as rows of answers.
class PredictionsReader {
 public:
  PredictionsReader(const std::filesystem::path& file, const std::string& text) : file_(file), text_(text) {}

  SavedPredictions read() {
    read_header();
    while (at_ < text_.size()) {
      ++line_;
      read_row(read_csv_line(text_, at_));
    }
    const auto width = static_cast<std::int64_t>(saved_.class_names.size());
    PhotoAnswers& answers = saved_.answers;
    answers.probabilities = Tensor({static_cast<std::int64_t>(answers.files.size()), width});
    std::ranges::copy(values_, answers.probabilities.data<float>().begin());
    return std::move(saved_);
  }

 private:
  template <typename... Words>
  [[noreturn]] void refuse(const Words&... words) const {
    fail(ErrorKind::bad_file, file_.string(), ", line ", line_, ": ", words...,
         "; expected a predictions.csv as graft train writes it");
  }

  void read_header() {
    const std::vector<std::string> header = read_csv_line(text_, at_);
    if (header.size() > 4 && header[4] == kTruths) {
      fail(ErrorKind::unsupported, file_.string(),
           " has answers with several labels a photo, which comparisons do not show; its figures are in "
           "result.json");
    }
    if (header.size() > 4 && header[4].starts_with("truth_")) {
      fail(ErrorKind::unsupported, file_.string(),
           " has numbers, no classes, which comparisons do not show; its figures are in result.json");
    }
    if (header.size() < kFirstColumns.size() + 2 ||
        !std::equal(kFirstColumns.begin(), kFirstColumns.end(), header.begin()))
      refuse("other columns than file, part, fold, answered_by, truth, answer and the classes");
    saved_.class_names.assign(header.begin() + kFirstColumns.size(), header.end());
    for (std::size_t k = 0; k < saved_.class_names.size(); ++k)
      index_[saved_.class_names[k]] = static_cast<int>(k);
  }

  void read_row(const std::vector<std::string>& fields) {
    if (fields.size() != kFirstColumns.size() + saved_.class_names.size())
      refuse(fields.size(), " fields, expected ", kFirstColumns.size() + saved_.class_names.size());
    PhotoAnswers& answers = saved_.answers;
    answers.files.emplace_back(fields[0]);
    answers.parts.push_back(part_of(fields[1]));
    answers.folds.push_back(fields[2].empty() ? 0 : static_cast<std::size_t>(number(fields[2])));
    answers.by_model.push_back(fields[3] != kByHead);
    const auto truth = index_.find(fields[4]);
    if (truth == index_.end()) refuse("no column has the name of the class '", fields[4], "'");
    answers.truth.push_back(truth->second);
    for (std::size_t k = kFirstColumns.size(); k < fields.size(); ++k) values_.push_back(number(fields[k]));
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
  const std::string& text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  SavedPredictions saved_;
  std::map<std::string, int> index_;
  std::vector<float> values_;
};

}  // namespace

const char* part_name(Part part) {
  return part == Part::train ? "train" : part == Part::validation ? "validation" : "test";
}

std::string predictions_csv(const PhotoAnswers& answers, const std::vector<std::string>& class_names,
                            const std::vector<double>& thresholds) {
  const bool several = !thresholds.empty();
  std::string text;
  for (const char* column : kFirstColumns) {
    const bool plural = several && (column == kFirstColumns[4] || column == kFirstColumns[5]);
    text += (text.empty() ? "" : ",") + std::string(column) + (plural ? "s" : "");
  }
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
    text += cat(csv_field(answers.files[i].string()), ',', part_name(answers.parts[i]), ',',
                answers.folds[i] > 0 ? std::to_string(answers.folds[i]) : std::string(), ',',
                answers.seen(i)       ? kBySeeingModel
                : answers.by_model[i] ? kByModel
                                      : kByHead,
                ',', csv_field(truth), ',', csv_field(said));
    for (const float probability : row) append_number(text += ',', probability);
    text += '\n';
  }
  return text;
}

SavedPredictions read_predictions(const std::filesystem::path& file) {
  const std::string text = read_file(file, kLargestPredictions);
  return PredictionsReader(file, text).read();
}

}  // namespace graft::classify
