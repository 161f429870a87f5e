// SPDX-License-Identifier: Apache-2.0
// Findings as lists of rows, as JSON and as files.
#include <array>
#include <cstdio>
#include <filesystem>

#include "graft/base/atomic_file.hpp"
#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/inspect.hpp"

namespace graft::inspect {
namespace {

namespace fs = std::filesystem;

constexpr std::array kFaults = {PictureFault::dark,    PictureFault::bright,   PictureFault::flat,
                                PictureFault::blurred, PictureFault::odd_size, PictureFault::odd_aspect};

std::string number(double value) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.4g", value);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string_view kind_text(DuplicateKind kind) {
  constexpr std::array<std::string_view, 3> kKinds{"same file", "same pixels", "similar"};
  return kKinds.at(static_cast<std::size_t>(kind));
}

/// Makes the lists of one inspection.
class ListWriter {
 public:
  explicit ListWriter(const Inspection& inspection) : found_(inspection) {}

  [[nodiscard]] std::vector<FindingList> all() const {
    std::vector<FindingList> lists{unreadable(), duplicates(), leaks(), labels(), outliers()};
    for (const PictureFault fault : kFaults) lists.push_back(faults(fault));
    return lists;
  }

 private:
  [[nodiscard]] const fs::path& path(std::size_t photo) const { return found_.photos[photo].path; }
  [[nodiscard]] std::string name(int label) const {
    return label < 0 ? std::string() : found_.class_names[static_cast<std::size_t>(label)];
  }

  [[nodiscard]] FindingList unreadable() const {
    FindingList list{.name = "unreadable", .columns = {"file", "reason"}};
    for (const data::LeftOut& one : found_.left_out) {
      if (!one.unreadable) continue;
      list.rows.push_back({one.path.string(), one.reason});
      list.photos.push_back(one.path);
    }
    return list;
  }
  [[nodiscard]] FindingList duplicates() const {
    FindingList list{.name = "duplicates", .columns = {"file", "same_as", "kind", "other_class", "differs"}};
    for (const DuplicatePair& pair : found_.duplicates) {
      list.rows.push_back({path(pair.second).string(), path(pair.first).string(),
                           std::string(kind_text(pair.kind)), pair.other_class ? "yes" : "no", pair.differs});
      list.photos.push_back(path(pair.second));
    }
    return list;
  }
  [[nodiscard]] FindingList leaks() const {
    FindingList list{.name = "leaks", .columns = {"file", "part", "same_as", "part_of_that"}};
    for (const LeakedPhoto& one : found_.leaks) {
      list.rows.push_back({path(one.photo).string(), found_.photos[one.photo].part, path(one.other).string(),
                           found_.photos[one.other].part});
      list.photos.push_back(path(one.photo));
    }
    return list;
  }
  [[nodiscard]] FindingList labels() const {
    FindingList list{.name = "labels",
                     .columns = {"file", "label", "suggested", "label_probability", "suggested_probability"}};
    for (const SuspectedLabel& one : found_.labels) {
      list.rows.push_back({path(one.photo).string(), name(found_.photos[one.photo].label),
                           name(one.suggested), number(one.given_probability),
                           number(one.suggested_probability)});
      list.photos.push_back(path(one.photo));
    }
    return list;
  }
  [[nodiscard]] FindingList outliers() const {
    FindingList list{.name = "outliers", .columns = {"file", "label", "distance", "typical_distance"}};
    for (const Outlier& one : found_.outliers) {
      list.rows.push_back({path(one.photo).string(), name(found_.photos[one.photo].label),
                           number(one.distance), number(one.typical)});
      list.photos.push_back(path(one.photo));
    }
    return list;
  }
  [[nodiscard]] FindingList faults(PictureFault fault) const {
    FindingList list{.name = std::string(to_string(fault)),
                     .columns = {"file", "value", "limit", "width", "height"}};
    for (const FaultyPicture& one : found_.faults) {
      if (one.fault != fault) continue;
      const PhotoMeasures& measures = found_.photos[one.photo].measures;
      list.rows.push_back({path(one.photo).string(), number(one.value), number(one.limit),
                           std::to_string(measures.width), std::to_string(measures.height)});
      list.photos.push_back(path(one.photo));
    }
    return list;
  }

  const Inspection& found_;
};

std::string csv_text(const FindingList& list) {
  std::string text;
  const auto line = [&](const std::vector<std::string>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) text += (i > 0 ? "," : "") + csv_field(fields[i]);
    text += '\n';
  };
  line(list.columns);
  for (const auto& row : list.rows) line(row);
  return text;
}

Json measures_json(const InspectedPhoto& photo, const std::vector<std::string>& class_names) {
  const PhotoMeasures& m = photo.measures;
  Json json{{"file", photo.path.string()}, {"width", m.width},       {"height", m.height}, {"dark", m.dark},
            {"bright", m.bright},          {"contrast", m.contrast}, {"blur", m.blur}};
  if (!photo.part.empty()) json["part"] = photo.part;
  if (photo.label >= 0) json["class"] = class_names[static_cast<std::size_t>(photo.label)];
  return json;
}

std::string probabilities_csv(const Inspection& inspection) {
  FindingList table{.columns = {"file", "label"}};
  table.columns.insert(table.columns.end(), inspection.class_names.begin(), inspection.class_names.end());
  const std::size_t width = inspection.class_names.size();
  for (std::size_t i = 0; i < inspection.photos.size(); ++i) {
    const InspectedPhoto& photo = inspection.photos[i];
    table.rows.push_back(
        {photo.path.string(), inspection.class_names[static_cast<std::size_t>(photo.label)]});
    for (const float value : inspection.probabilities.data().subspan(i * width, width))
      append_number(table.rows.back().emplace_back(), value);
  }
  return csv_text(table);
}

}  // namespace

std::vector<FindingList> finding_lists(const Inspection& inspection) { return ListWriter(inspection).all(); }

std::vector<std::string> finding_list_names() {
  std::vector<std::string> names;
  for (const FindingList& list : finding_lists({})) names.push_back(list.name);
  return names;
}

Json to_json(const Inspection& inspection) {
  Json json{{"folder", inspection.folder.string()},
            {"photos", inspection.photos.size()},
            {"classes", Json::array()},
            {"network", inspection.network},
            {"label_accuracy", inspection.label_accuracy},
            {"notes", inspection.notes},
            {"findings", Json::object()},
            {"not_used", Json::array()},
            {"measures", Json::array()}};
  for (const ClassCount& one : inspection.counts) {
    json["classes"].push_back(
        {{"name", one.name}, {"train", one.train}, {"validation", one.validation}, {"test", one.test}});
  }
  for (const FindingList& list : finding_lists(inspection)) {
    Json rows = Json::array();
    for (const auto& row : list.rows) {
      Json entry = Json::object();
      for (std::size_t i = 0; i < row.size(); ++i) entry[list.columns[i]] = row[i];
      rows.push_back(std::move(entry));
    }
    json["findings"][list.name] = std::move(rows);
  }
  for (const data::LeftOut& one : inspection.left_out) {
    if (!one.unreadable) json["not_used"].push_back({{"file", one.path.string()}, {"reason", one.reason}});
  }
  for (const InspectedPhoto& photo : inspection.photos)
    json["measures"].push_back(measures_json(photo, inspection.class_names));
  return json;
}

void write_inspection(const fs::path& folder, const Inspection& inspection) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(ErrorKind::io, folder.string(), ": cannot be made: ", error.message());
  for (const FindingList& list : finding_lists(inspection))
    write_file_atomically(folder / (list.name + ".csv"), csv_text(list));
  if (!inspection.probabilities.empty())
    write_file_atomically(folder / "probabilities.csv", probabilities_csv(inspection));
  write_file_atomically(folder / "inspection.json",
                        to_json(inspection).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace graft::inspect
