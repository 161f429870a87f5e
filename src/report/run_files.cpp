// SPDX-License-Identifier: Apache-2.0
#include "report/run_files.hpp"

#include <charconv>
#include <system_error>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/classify/predictions.hpp"
#include "graft/classify/round_record.hpp"
#include "graft/report.hpp"
#include "graft/saving.hpp"

namespace graft::report {
namespace {

constexpr std::uintmax_t kLargestText = std::uintmax_t{256} << 20;

/// An object from a file; an empty one where there is none.
Json read_object(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return Json::object();
  Json json = Json::parse(read_file(file, kLargestText), nullptr, false);
  if (!json.is_object())
    fail(ErrorKind::bad_file, file.string(), " is no JSON object; expected the file as graft wrote it");
  return json;
}

Json value_of(const std::string& field) {
  double number = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
  if (error == std::errc{} && end == field.data() + field.size()) return number;
  return field == "null" ? Json() : Json(field);
}

/// Layers and parameters; null where the folder has no model that can be read.
Json model_table(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return {};
  try {
    return saving::summary_json(saving::load_model(file).model);
  } catch (const Error&) {
    return {};  // the report is about answers; layers of the user's own may not be registered here
  }
}

}  // namespace

Json read_history(const std::string& csv) {
  Json rows = Json::array();
  std::size_t at = 0;
  const std::vector<std::string> columns = read_csv_line(csv, at);
  while (at < csv.size()) {
    const std::vector<std::string> fields = read_csv_line(csv, at);
    Json row = Json::object();
    for (std::size_t i = 0; i < std::min(columns.size(), fields.size()); ++i) {
      if (!fields[i].empty()) row[columns[i]] = columns[i] == "phase" ? Json(fields[i]) : value_of(fields[i]);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string name_of(const std::filesystem::path& folder) {
  const std::filesystem::path whole = std::filesystem::absolute(folder).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

RunFiles read_run(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder / "result.json", ignored)) {
    fail(ErrorKind::not_found, folder.string(),
         ": there is no result.json; expected a result folder of graft train or graft evaluate");
  }
  RunFiles run{.folder = folder, .result = read_object(folder / "result.json")};
  run.name = name_of(folder);
  run.evaluation = run.result.value("kind", "") == "evaluation";
  run.settings = read_object(folder / "settings.json");
  run.earlier = read_object(folder / kReportData);
  const std::filesystem::path predictions = folder / kPredictionsFile;
  SavedPredictions saved = run.result.contains("numbers")          ? read_number_predictions(predictions)
                           : run.result.contains("several_labels") ? read_several_predictions(predictions)
                                                                   : read_predictions(predictions);
  run.classes = std::move(saved.class_names);
  run.answers = std::move(saved.answers);
  run.history = Json::array();
  if (std::filesystem::exists(folder / "history.csv", ignored))
    run.history = read_history(read_file(folder / "history.csv", kLargestText));
  std::vector<RoundRecord> rounds = read_rounds(folder);
  if (!rounds.empty()) run.known = std::move(rounds.back().known);
  const std::string model = run.result.value("model", "");
  run.model = model_table(run.evaluation ? std::filesystem::path(model) : folder / "model.keras");
  return run;
}

Json read_report(const std::filesystem::path& run) {
  Json json = read_object(run / kReportData);
  if (json.empty()) {
    fail(ErrorKind::not_found, (run / kReportData).string(),
         ": there is no such file; make it with graft report ", run.string());
  }
  return json;
}

}  // namespace graft::report
