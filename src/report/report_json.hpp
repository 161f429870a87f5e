// SPDX-License-Identifier: Apache-2.0
// report.json of a run, without the pictures.
#pragma once

#include <filesystem>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/report.hpp"

#include "report/run_files.hpp"
#include "report/shown_photos.hpp"

namespace graft {
inline namespace report {

/// A report that is being made.
struct ReportData {
  Json json;                   ///< report.json
  ShownPhotos shown;           ///< whose thumbnails the page has, in the order of json["photos"]["items"]
  std::filesystem::path root;  ///< folder that the files in json are relative to
  /// Of the map, with a small picture each, behind the thumbnails.
  std::vector<std::filesystem::path> map_photos{};
};

/// Of report.json: higher when a key changes its meaning.
inline constexpr int kReportSchema = 1;
/// The deepest folder that holds all photos.
[[nodiscard]] std::filesystem::path common_folder(const std::vector<std::filesystem::path>& files);
/// The first files that were left out, each with the reason.
[[nodiscard]] Json left_out_json(const RunFiles& run, const std::filesystem::path& root);
/// What every report.json begins with; "headline" and "data" are still null.
[[nodiscard]] Json report_head(const RunFiles& run, const ReportOptions& options);
/// Adds what result.json says that the page shows as it is.
void add_facts(Json& json, const RunFiles& run);

/// Throws Json::exception where a file of the run has values of other types than graft writes.
[[nodiscard]] ReportData make_report(const RunFiles& run, const ReportOptions& options);

}  // namespace report
}  // namespace graft
