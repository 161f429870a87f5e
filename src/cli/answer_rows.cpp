// SPDX-License-Identifier: Apache-2.0
#include "cli/answer_rows.hpp"

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::cli {
namespace {

/// "a|b"
std::string joined_labels(const PhotoPrediction& answer) {
  std::string text;
  for (const Prediction& one : answer.labels) text += (text.empty() ? "" : "|") + one.name;
  return text;
}

/// The last columns of models that give no class: whether the answer is unknown, and what that rests on.
constexpr const char* kUnknownColumns = ",unknown,distance,reason\n";

std::string unknown_fields(const PhotoPrediction& answer) {
  std::string fields = answer.unknown ? ",true," : ",false,";
  if (answer.distance) append_number(fields, static_cast<float>(*answer.distance));
  return cat(fields, ',', csv_field(reason_of(answer.decision)), '\n');
}

/// Each number and its interval. The fields are empty where there is none: all where the numbers are unknown.
std::string numbers_line(const PhotoPrediction& answer) {
  std::string line = csv_field(answer.path.string());
  for (const NumberAnswer& one : answer.numbers) {
    const std::optional<double> value = one.value;
    for (const std::optional<double>& field : {value, one.low, one.high}) {
      line += ',';
      if (field && !answer.unknown) append_number(line, static_cast<float>(*field));
    }
  }
  return line + unknown_fields(answer);
}

}  // namespace

std::string reason_of(const Decision& decision) {
  if (decision.also.empty()) return decision.reason;
  return cat(decision.reason, decision.reason.empty() ? "" : "; ", "may also be ", comma_list(decision.also),
             ", which must not be missed");
}

std::string reason_of_failure(const PhotoPrediction& answer) {
  const std::string begin = answer.path.string() + ": ";
  return answer.error.starts_with(begin) ? answer.error.substr(begin.size()) : answer.error;
}

std::string csv_head(const Classifier& classifier) {
  if (classifier.gives_numbers()) {
    std::string line = "file";
    for (const std::string& name : classifier.class_names())
      line += cat(',', csv_field(name), ',', csv_field(name + "_low"), ',', csv_field(name + "_high"));
    return line + kUnknownColumns;
  }
  return classifier.has_several_labels() ? cat("file,labels,most_probable,probability", kUnknownColumns)
                                         : "file,answer,unknown,most_probable,probability,distance,reason\n";
}

std::string csv_line(const PhotoPrediction& answer, bool several) {
  if (!answer.numbers.empty()) return numbers_line(answer);
  const Prediction& best = answer.predictions.front();
  if (several) {
    std::string line = cat(csv_field(answer.path.string()), ',', csv_field(joined_labels(answer)), ',',
                           csv_field(best.name), ',');
    append_number(line, static_cast<float>(best.probability));
    return line + unknown_fields(answer);
  }
  std::string line = cat(csv_field(answer.path.string()), ',', csv_field(answer.decision.name), ',',
                         answer.unknown ? "true" : "false", ',', csv_field(best.name), ',');
  append_number(line, static_cast<float>(best.probability));
  line += ',';
  if (answer.distance) append_number(line, static_cast<float>(*answer.distance));
  return cat(line, ',', csv_field(reason_of(answer.decision)), '\n');
}

}  // namespace graft::cli
