// SPDX-License-Identifier: Apache-2.0
#include "report/sections_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "graft/base/base64.hpp"
#include "graft/data/thumbnail.hpp"

namespace graft::report {
namespace {

Json findings_json(std::vector<Finding> findings, const std::filesystem::path& root) {
  std::ranges::stable_sort(findings, std::ranges::greater{}, [](const Finding& one) { return one.score; });
  Json list = Json::array();
  std::map<std::string, std::size_t> counts;
  for (const Finding& one : findings) {
    if (++counts[one.kind] > kMostFindingsOfAKind) continue;
    Json files = Json::array();
    for (const std::filesystem::path& file : one.files) files.push_back(shown_file(file, root));
    Json row{{"kind", one.kind}, {"files", std::move(files)}, {"text", one.text}, {"score", one.score}};
    if (!one.suggested_class.empty()) row["suggested_class"] = one.suggested_class;
    list.push_back(std::move(row));
  }
  return {{"counts", counts}, {"findings", std::move(list)}};
}

Json heat_maps_json(const std::vector<HeatMap>& maps, const std::filesystem::path& root) {
  Json list = Json::array();
  for (const HeatMap& one : maps) {
    list.push_back({{"file", shown_file(one.file, root)},
                    {"method", one.method},
                    {"layer", one.layer},
                    {"class", one.class_name},
                    {"text", one.text},
                    {"picture", picture_url(one.picture)}});
  }
  return list;
}

/// What places are rounded to: less than is seen.
double step_of(const std::vector<MapPoint>& points) {
  constexpr double kSteps = 2000;
  double largest = 0;
  for (const MapPoint& point : points) largest = std::max({largest, std::abs(point.x), std::abs(point.y)});
  return largest > 0 ? std::pow(10, std::floor(std::log10(largest / kSteps))) : 1;
}

Json map_json(const FeatureMap& map, const std::filesystem::path& root) {
  Json points = Json::array();
  const double unit = step_of(map.points);
  const auto rounded = [unit](double value) { return std::round(value / unit) * unit; };
  const std::size_t step = (map.points.size() + kMostMapPoints - 1) / kMostMapPoints;
  for (std::size_t i = 0; i < map.points.size(); i += std::max<std::size_t>(step, 1)) {
    const MapPoint& point = map.points[i];
    points.push_back({{"x", rounded(point.x)},
                      {"y", rounded(point.y)},
                      {"file", shown_file(point.file, root)},
                      {"class", point.class_name}});
  }
  return {{"method", map.method}, {"photos", map.points.size()}, {"points", std::move(points)}};
}

}  // namespace

std::string shown_file(const std::filesystem::path& file, const std::filesystem::path& root) {
  if (root.empty()) return file.string();
  const std::filesystem::path inside = file.lexically_relative(root);
  return inside.empty() || *inside.begin() == ".." ? file.string() : inside.string();
}

std::string picture_url(const Tensor& picture, float quality) {
  return "data:image/webp;base64," + base64(data::encode_webp(picture, quality));
}

void add_sections(Json& report, const ReportSections& sections, const Json& earlier,
                  const std::filesystem::path& root) {
  for (const char* name : {"inspection", "heat_maps", "map", "augmented", "drift"}) {
    if (earlier.contains(name)) report[name] = earlier.at(name);
  }
  if (!sections.findings.empty()) report["inspection"] = findings_json(sections.findings, root);
  if (!sections.heat_maps.empty()) report["heat_maps"] = heat_maps_json(sections.heat_maps, root);
  if (sections.map) report["map"] = map_json(*sections.map, root);
  if (!sections.augmented.empty()) {
    report["augmented"] = Json::array();
    for (const Tensor& picture : sections.augmented) report["augmented"].push_back(picture_url(picture));
  }
  if (sections.drift) {
    const DriftFinding& drift = *sections.drift;
    report["drift"] = {
        {"fits", drift.fits}, {"score", drift.score}, {"threshold", drift.threshold}, {"text", drift.text}};
  }
}

std::vector<std::filesystem::path> add_map_pictures(Json& report, const std::filesystem::path& root) {
  std::vector<std::filesystem::path> files;
  if (!report.contains("map")) return files;
  std::set<std::string> there;
  for (const Json& item : report.at("photos").at("items")) there.insert(item.at("file").get<std::string>());
  Json points = Json::array();
  std::size_t number = 0;
  for (const Json& point : report.at("map").at("points")) {
    const auto file = point.at("file").get<std::string>();
    if (files.size() < kMostMapPictures && there.insert(file).second) {
      files.push_back((root / file).lexically_normal());
      points.push_back(number);
    }
    ++number;
  }
  report["map"]["pictures"] = std::move(points);
  return files;
}

std::vector<std::filesystem::path> finding_files(const Json& report, const std::filesystem::path& root) {
  std::vector<std::filesystem::path> files;
  if (!report.contains("inspection")) return files;
  // The first finding of each kind, then the second of each: no kind takes all places for pictures.
  std::map<std::string, std::size_t> seen;
  std::map<std::pair<std::size_t, std::string>, const Json*> in_turn;
  for (const Json& finding : report.at("inspection").at("findings")) {
    const std::string kind = finding.at("kind").get<std::string>();
    in_turn[{seen[kind]++, kind}] = &finding;
  }
  for (const auto& [place, finding] : in_turn) {
    for (const Json& file : finding->at("files"))
      files.push_back((root / file.get<std::string>()).lexically_normal());
  }
  return files;
}

}  // namespace graft::report
