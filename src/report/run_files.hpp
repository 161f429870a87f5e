// SPDX-License-Identifier: Apache-2.0
// What a report is made of: the files of a result folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"

namespace graft {
inline namespace report {

inline constexpr const char* kReportPage = "report.html";
inline constexpr const char* kReportData = "report.json";
inline constexpr const char* kModelCard = "model_card.md";

/// A result folder, read.
struct RunFiles {
  std::filesystem::path folder;
  std::string name;                  ///< of the folder
  bool evaluation = false;           ///< written by write_evaluation()
  Json result;                       ///< result.json, an object
  Json settings;                     ///< settings.json, or an empty object
  std::vector<std::string> classes;  ///< in the order of the outputs
  PhotoAnswers answers;              ///< predictions.csv
  Json history;                      ///< rows of history.csv: [{"epoch", "phase", "loss", ...}]
  std::vector<KnownPhoto> known;     ///< of the last round in rounds.json
  Json model;                        ///< saving::summary_json(), or null
  Json earlier;                      ///< report.json, or an empty object
};

/// Errors: see write_report().
[[nodiscard]] RunFiles read_run(const std::filesystem::path& folder);

/// What a run is called: the last part of its folder's name.
[[nodiscard]] std::string name_of(const std::filesystem::path& folder);

/// history.csv as JSON: numbers where a field is one, fields that are empty are left out.
[[nodiscard]] Json read_history(const std::string& csv);

}  // namespace report
}  // namespace graft
