// SPDX-License-Identifier: Apache-2.0
// The sections that other computations fill, as in report.json.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/report.hpp"

namespace graft {
inline namespace report {

/// Adds "inspection", "heat_maps", "map", "augmented" and "drift" to a report: those given, else those of an
/// earlier report. root: files below it are written relative to it.
void add_sections(Json& report, const ReportSections& sections, const Json& earlier,
                  const std::filesystem::path& root);

/// The files of the findings of a report, absolute, in their order.
[[nodiscard]] std::vector<std::filesystem::path> finding_files(const Json& report,
                                                               const std::filesystem::path& root);

/// A file's name in a report: relative to the root where it is below it.
[[nodiscard]] std::string shown_file(const std::filesystem::path& file, const std::filesystem::path& root);

/// Photos of the map that are not among report["photos"], absolute, at most kMostMapPictures: the page has a
/// small picture of each. Writes to report["map"]["pictures"] which points they are.
[[nodiscard]] std::vector<std::filesystem::path> add_map_pictures(Json& report,
                                                                  const std::filesystem::path& root);
inline constexpr std::size_t kMostMapPictures = 300;

inline constexpr float kPictureQuality = 72;
/// "data:image/webp;base64,...". picture: uint8 (H, W, 3).
[[nodiscard]] std::string picture_url(const Tensor& picture, float quality = kPictureQuality);

}  // namespace report
}  // namespace graft
