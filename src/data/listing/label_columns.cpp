// SPDX-License-Identifier: Apache-2.0
#include "data/listing/label_columns.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/similar_names.hpp"
#include "graft/base/text.hpp"
#include "graft/data/photo_bytes.hpp"

#include "data/listing/folders.hpp"
#include "data/listing/row_numbers.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;
using KnownNames = std::span<const std::string_view>;

// What people call columns, the likeliest first.
constexpr std::array<std::string_view, 17> kPath{
    "path",  "file",       "filename",  "file_name",  "filepath",   "file_path",
    "image", "image_path", "imagepath", "image_name", "image_file", "image_id",
    "img",   "img_path",   "photo",     "picture",    "id"};
constexpr std::array<std::string_view, 10> kLabel{"label",    "labels", "class",   "class_name", "classname",
                                                  "category", "target", "species", "tag",        "tags"};
constexpr std::array<std::string_view, 6> kSplit{"split", "subset", "set", "partition", "part", "fold"};
constexpr std::array<std::string_view, 9> kGroup{"group",      "group_id",   "patient",
                                                 "patient_id", "subject",    "subject_id",
                                                 "person",     "individual", "sequence"};
constexpr std::array<std::string_view, 2> kWeight{"weight", "sample_weight"};
/// In place of a name: no column has that meaning.
constexpr std::string_view kNone = "-";
/// Rows that are looked at to tell which column names files.
constexpr std::size_t kSampled = 50;

std::string trimmed_lower(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  return to_lower(text.substr(begin, text.find_last_not_of(" \t") + 1 - begin));
}

class Guess {
 public:
  Guess(LabelTable& table, const LabelSource& source, ListedFiles& files)
      : table_(table), source_(source), named_(source.columns), files_(files) {}

  FoundColumns find() {
    take_header();
    used_.assign(table_.columns.size(), false);
    FoundColumns found;
    const std::optional<std::size_t> path = named_.path.empty() ? guess_path() : use(named_.path, "path");
    if (!path) refuse("path", "which column names the photo's file");
    used_[*path] = true;
    found.path = *path;
    // Named ones first: a guess must not take them.
    take_label(found);
    found.split = use(named_.split, "split");
    found.group = use(named_.group, "group");
    found.weight = use(named_.weight, "weight");
    if (named_.split.empty()) found.split = by_words(kSplit);
    if (named_.group.empty()) found.group = by_words(kGroup);
    if (named_.weight.empty()) found.weight = by_words(kWeight);
    if (named_.label.empty() && found.targets.empty()) guess_label(found);
    guess_numbers(source_, found, table_);
    describe(found);
    return found;
  }

 private:
  /// The first row holds names unless a field of it is a photo. Without a header columns are numbers.
  void take_header() {
    if (table_.named) return;
    const std::vector<std::string>& first = table_.rows.front().fields;
    const auto is_file = [&](const std::string& field) { return files_.find(field).has_value(); };
    const auto is_known = [&](const std::string& field) {
      const std::string name = trimmed_lower(field);
      return contains(kPath, name) || contains(kLabel, name) || field == named_.path || field == named_.label;
    };
    const bool header = std::ranges::any_of(first, is_known) || std::ranges::none_of(first, is_file);
    for (std::size_t i = 0; i < first.size(); ++i)
      table_.columns.push_back(header ? first[i] : std::to_string(i + 1));
    if (!header) return;
    table_.rows.erase(table_.rows.begin());
    if (table_.rows.empty())
      fail(ErrorKind::bad_file, "labels: ", table_.name, " has a row with names of columns and no other row");
  }

  static bool contains(KnownNames words, const std::string& name) {
    return std::ranges::find(words, name) != words.end();
  }

  /// A column that was named by the caller; nothing for an empty name.
  std::optional<std::size_t> use(const std::string& name, const char* meaning) {
    if (name.empty()) return std::nullopt;
    const auto found = std::ranges::find(table_.columns, name);
    if (found == table_.columns.end() && name == kNone) return std::nullopt;
    if (found == table_.columns.end()) {
      fail_option(ErrorKind::invalid_argument, "columns", "columns: ", meaning, "=", shown(name), ": ",
                  table_.name, " has no such column", similar_text(name, table_.columns, ""),
                  "; its columns: ", names());
    }
    const auto at = static_cast<std::size_t>(found - table_.columns.begin());
    used_[at] = true;
    return at;
  }

  std::optional<std::size_t> by_words(KnownNames words) {
    for (const std::string_view word : words) {
      for (std::size_t i = 0; i < table_.columns.size(); ++i) {
        if (used_[i] || trimmed_lower(table_.columns[i]) != word) continue;
        used_[i] = true;
        return i;
      }
    }
    return std::nullopt;
  }

  /// The first column, known names before others, in whose first rows there is a file; else a known name.
  std::optional<std::size_t> guess_path() {
    std::vector<std::size_t> order;
    while (const auto known = by_words(kPath)) order.push_back(*known);
    used_.assign(used_.size(), false);
    const std::size_t known = order.size();
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      if (std::ranges::find(order, i) == order.end()) order.push_back(i);
    }
    const std::size_t rows = std::min(table_.rows.size(), kSampled);
    for (const std::size_t i : order) {
      for (const LabelRow& row : std::span(table_.rows).first(rows)) {
        if (i < row.fields.size() && files_.find(row.fields[i])) return i;
      }
    }
    return known > 0 ? std::optional(order.front()) : std::nullopt;
  }

  /// "kind", or columns of 0 and 1 as "cat+dog".
  void take_label(FoundColumns& found) {
    for (const std::string& name : source_.targets) {
      if (const auto column = use(name, "target")) found.targets.push_back(*column);
    }
    if (!source_.targets.empty() && !named_.label.empty())
      fail_option(ErrorKind::invalid_argument, "targets",
                  "targets: a photo has numbers or a class; leave the columns of targets out, or label=");
    const bool several = named_.label.find('+') != std::string::npos &&
                         std::ranges::find(table_.columns, named_.label) == table_.columns.end();
    if (!several) {
      if (const auto label = use(named_.label, "label")) found.label = *label;
      return;
    }
    for (const std::string& name : split(named_.label, '+')) {
      if (const auto column = use(name, "label")) found.indicators.push_back(*column);
    }
  }

  [[nodiscard]] bool holds_flags(std::size_t column) const {
    return std::ranges::all_of(table_.rows, [&](const LabelRow& row) {
      if (column >= row.fields.size()) return true;
      const std::string field = trimmed_lower(row.fields[column]);
      return field.empty() || field == "0" || field == "1" || field == "0.0" || field == "1.0" ||
             field == "true" || field == "false";
    });
  }

  void guess_label(FoundColumns& found) {
    if (const auto known = by_words(kLabel)) {
      found.label = *known;
      return;
    }
    std::vector<std::size_t> flags;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      if (!used_[i] && holds_flags(i)) flags.push_back(i);
    }
    const auto left = std::ranges::count(used_, false);
    if (flags.size() < 2 && left == 1)
      flags.assign(1, static_cast<std::size_t>(std::ranges::find(used_, false) - used_.begin()));
    if (flags.empty() || (flags.size() == 1 && left > 1)) refuse("label", "which column is the label");
    for (const std::size_t i : flags) used_[i] = true;
    if (flags.size() == 1) {
      found.label = flags.front();
    } else {
      found.indicators = flags;
    }
  }

  [[noreturn]] void refuse(const char* meaning, const char* what) const {
    fail_option(ErrorKind::invalid_argument, "columns", "columns: ", table_.name, " does not say ", what,
                "; expected ", meaning, "=NAME with one of its columns: ", names());
  }

  [[nodiscard]] std::string names() const {
    return comma_list(
        table_.columns, [](const std::string& name) { return cat("'", shown(name), "'"); },
        kMostClassesNamed);
  }

  void describe(const FoundColumns& found) const {
    const auto name = [&](std::size_t at) { return cat("'", shown(table_.columns[at]), "'"); };
    std::string text =
        cat(table_.name, ": ", table_.rows.size(), " rows; path from column ", name(found.path),
            found.targets.empty() ? ", label from " : ", a number from ",
            !found.targets.empty()     ? comma_list(found.targets, name, kMostClassesNamed)
            : found.indicators.empty() ? name(found.label)
                                       : cat(found.indicators.size(), " columns of 0 and 1, ",
                                             comma_list(found.indicators, name, kMostClassesNamed)));
    const std::initializer_list<std::pair<const char*, std::optional<std::size_t>>> others{
        {"split", found.split}, {"group", found.group}, {"weight", found.weight}};
    for (const auto& [meaning, at] : others) {
      if (at) text += cat(", ", meaning, " from ", name(*at));
    }
    std::vector<std::string> unused;
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (!used_[i]) unused.push_back(name(i));
    }
    if (!unused.empty()) text += cat("; not used: ", comma_list(unused, {}, kMostClassesNamed));
    table_.notes.push_back(text);
  }

  LabelTable& table_;
  const LabelSource& source_;
  const LabelColumns& named_;
  ListedFiles& files_;
  std::vector<bool> used_;
};

}  // namespace

LabelColumns parse_label_columns(const std::string& text) {
  LabelColumns columns;
  const std::initializer_list<std::pair<std::string_view, std::string*>> places{{"path", &columns.path},
                                                                                {"label", &columns.label},
                                                                                {"split", &columns.split},
                                                                                {"group", &columns.group},
                                                                                {"weight", &columns.weight}};
  for (const std::string& part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    const auto* const place = std::ranges::find(places, std::string_view(part).substr(0, equals),
                                                &std::pair<std::string_view, std::string*>::first);
    if (equals == std::string::npos || equals + 1 == part.size() || place == places.end()) {
      fail_option(
          ErrorKind::invalid_argument, "columns",
          "columns: expected names as path=NAME,label=NAME,split=NAME,group=NAME,weight=NAME, received '",
          shown(part), "'");
    }
    *place->second = part.substr(equals + 1);
  }
  return columns;
}

std::optional<fs::path> ListedFiles::find_exact(const std::string& field) const {
  std::error_code error;
  for (const fs::path& base : {folder_, beside_}) {
    const fs::path file = base / field;
    const fs::file_status status = fs::status(file, error);
    const bool found =
        fs::exists(status) ? !fs::is_directory(status) : is_in_archive(file) && photo_size(file).has_value();
    if (found) return file;
  }
  return std::nullopt;
}

std::optional<fs::path> ListedFiles::find(const std::string& field) {
  constexpr std::size_t kLongestPath = 4096;
  if (field.empty() || field.size() > kLongestPath || field.find('\0') != std::string::npos)
    return std::nullopt;
  if (auto file = find_exact(field)) return file;
  std::string name = field;
  std::ranges::replace(name, '\\', '/');
  if (name != field) {
    if (auto file = find_exact(name)) return file;
  }
  if (!extension_.empty()) {
    if (auto file = find_exact(name + extension_)) return file;
  }
  if (std::filesystem::path(name).extension().string().size() > 2) return std::nullopt;
  for (const char* extension : {".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".tif", ".webp", ".bmp"}) {
    auto file = find_exact(name + extension);
    if (!file) continue;
    extension_ = extension;
    return file;
  }
  return std::nullopt;
}

FoundColumns find_columns(LabelTable& table, const LabelSource& source, ListedFiles& files) {
  return Guess(table, source, files).find();
}

}  // namespace graft::data
