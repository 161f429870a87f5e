// SPDX-License-Identifier: Apache-2.0
#include "data/listing/label_list.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/data/name_pattern.hpp"

#include "data/listing/folders.hpp"
#include "data/listing/label_columns.hpp"
#include "data/listing/label_table.hpp"
#include "data/listing/names.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;

/// Of each kind of trouble so many lines are named.
constexpr std::size_t kLinesNamed = 5;

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

bool is_label(const std::string& text) {
  return is_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// A photo and what its row, or name, says of it.
struct Labelled {
  fs::path path;
  std::string label;
  ListedPart part = ListedPart::unset;
  std::string group;
  float weight = 1;
  std::size_t line = 0;
  bool dropped = false;
};

/// Rows that are not used, by the kind of trouble.
class Trouble {
 public:
  Trouble(std::string name, PhotoList& list) : name_(std::move(name)), list_(list) {}

  void add(const std::string& kind, std::size_t line, const fs::path& path, const std::string& detail = {}) {
    lines_[kind].push_back(line);
    list_.left_out.push_back({.path = path,
                              .reason = cat(name_, " line ", line, ": ", kind, detail),
                              .unreadable = kind == kMissing});
  }

  /// "labels.csv: not used: no such file, 2 rows (line 3, 7); ..."
  void describe() const {
    if (lines_.empty()) return;
    std::vector<std::string> kinds;
    for (const auto& [kind, lines] : lines_) {
      kinds.push_back(cat(kind, ", ", lines.size(), lines.size() == 1 ? " row (line " : " rows (lines ",
                          comma_list(
                              lines, [](std::size_t line) { return std::to_string(line); }, kLinesNamed),
                          ")"));
    }
    std::string text;
    for (const std::string& kind : kinds) text += (text.empty() ? "" : "; ") + kind;
    list_.notes.push_back(cat(name_, ": not used: ", text));
  }

  static constexpr const char* kMissing = "there is no such file";

 private:
  std::string name_;
  PhotoList& list_;
  std::map<std::string, std::vector<std::size_t>> lines_;
};

std::optional<ListedPart> part_of(const std::string& field) {
  const std::string word = to_lower(field);
  if (word.empty()) return ListedPart::unset;
  if (word == "train" || word == "training") return ListedPart::train;
  if (word == "val" || word == "valid" || word == "validation" || word == "dev")
    return ListedPart::validation;
  if (word == "test" || word == "testing") return ListedPart::test;
  return std::nullopt;
}

std::optional<float> weight_of(const std::string& field) {
  float weight = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), weight);
  const bool good = error == std::errc() && end == field.data() + field.size() && std::isfinite(weight);
  return good && weight >= 0 ? std::optional(weight) : std::nullopt;
}

/// Reads the photos of a file of labels, row by row.
class RowReader {
 public:
  RowReader(const fs::path& directory, const ListOptions& options, PhotoList& list)
      : directory_(directory),
        options_(options),
        list_(list),
        table_(read_label_table(options.labels.file)),
        files_(directory, options.labels.file.parent_path()),
        columns_(find_columns(table_, options.labels.columns, files_)),
        trouble_(table_.name, list) {}

  std::vector<Labelled> run() {
    list_.notes.insert(list_.notes.end(), table_.notes.begin(), table_.notes.end());
    for (const LabelRow& row : table_.rows) {
      report_progress();
      add(row);
    }
    std::erase_if(photos_, [](const Labelled& photo) { return photo.dropped; });
    trouble_.describe();
    if (photos_.empty() && missing_ == table_.rows.size()) fail_without_files();
    if (repeated_ > 0)
      list_.notes.push_back(cat(table_.name, ": ", repeated_, " rows repeat an earlier one (line ",
                                first_repeat_, " is the first); they count once"));
    return std::move(photos_);
  }

  [[nodiscard]] bool has_split() const { return columns_.split.has_value(); }
  [[nodiscard]] bool has_groups() const { return columns_.group.has_value(); }
  [[nodiscard]] bool has_weights() const { return columns_.weight.has_value(); }

 private:
  void report_progress() {
    constexpr std::size_t kRowsBetweenReports = 1024;
    if (options_.progress && ++rows_ % kRowsBetweenReports == 0 && !options_.progress(rows_))
      fail(ErrorKind::interrupted, "reading ", table_.name, " was stopped after ", rows_, " rows");
  }

  void add(const LabelRow& row) {
    const auto field = [&](std::optional<std::size_t> at) {
      return at && *at < row.fields.size() ? trimmed(row.fields[*at]) : std::string();
    };
    const std::string name = field(columns_.path);
    const auto refuse = [&](const std::string& kind, const std::string& detail = {}) {
      trouble_.add(kind, row.line, files_.expected(shown(name)), detail);
    };
    if (row.fields.size() != table_.columns.size())
      return refuse("another number of fields than columns",
                    cat(": ", row.fields.size(), ", expected ", table_.columns.size()));
    if (name.empty()) return refuse("the path is empty");
    const std::optional<fs::path> file = files_.find(name);
    if (!file) {
      ++missing_;
      return refuse(Trouble::kMissing);
    }
    if (is_excluded(*file, directory_, options_)) return;
    Labelled photo{.path = file->lexically_normal(), .label = field(columns_.label), .line = row.line};
    photo.group = field(columns_.group);
    if (photo.label.empty()) return refuse("the label is empty");
    if (!is_label(photo.label)) return refuse("the label holds a control character");
    const std::optional<ListedPart> part = part_of(field(columns_.split));
    if (!part)
      return refuse("no part of a split", cat(": '", shown(field(columns_.split)),
                                              "', expected train, validation, test or nothing"));
    photo.part = *part;
    if (columns_.weight) {
      const std::optional<float> weight = weight_of(field(columns_.weight));
      if (!weight)
        return refuse("no weight",
                      cat(": '", shown(field(columns_.weight)), "', expected a number from 0 on"));
      photo.weight = *weight;
    }
    keep(std::move(photo));
  }

  /// A photo that is there already counts once; with two labels it is not used at all.
  void keep(Labelled photo) {
    const auto [known, fresh] = places_.emplace(photo.path.string(), photos_.size());
    if (fresh) return photos_.push_back(std::move(photo));
    Labelled& first = photos_[known->second];
    if (first.label == photo.label && first.part == photo.part) {
      if (repeated_++ == 0) first_repeat_ = photo.line;
      return;
    }
    const bool labels = first.label != photo.label;
    const std::string kind = labels ? "a photo with two labels" : "a photo in two parts of the split";
    const auto say = [&](const Labelled& one, const Labelled& other) {
      trouble_.add(
          kind, one.line, one.path,
          labels ? cat(": '", shown(one.label), "' here, '", shown(other.label), "' in line ", other.line)
                 : cat(": see line ", other.line));
    };
    if (!first.dropped) say(first, photo);
    first.dropped = true;
    say(photo, first);
  }

  [[noreturn]] void fail_without_files() const {
    const LabelRow& row = table_.rows.front();
    const fs::path expected = files_.expected(trimmed(row.fields.at(columns_.path)));
    fail(ErrorKind::not_found, "labels: no file that ", table_.name, " names exists; the first, line ",
         row.line, ", was looked for as ", shown(expected.string()),
         "; name the folder that the paths are relative to, or another column (columns: path=NAME)");
  }

  const fs::path& directory_;
  const ListOptions& options_;
  PhotoList& list_;
  LabelTable table_;
  ListedFiles files_;
  FoundColumns columns_;
  Trouble trouble_;
  std::vector<Labelled> photos_;
  std::unordered_map<std::string, std::size_t> places_;
  std::size_t rows_ = 0, missing_ = 0, repeated_ = 0, first_repeat_ = 0;
};

/// Photos of one group are in one part: those without a part go where the others are.
void settle_groups(std::vector<Labelled>& photos, const std::string& name) {
  std::unordered_map<std::string, const Labelled*> first;
  for (const Labelled& photo : photos) {
    if (photo.group.empty() || photo.part == ListedPart::unset) continue;
    const Labelled& other = *first.emplace(photo.group, &photo).first->second;
    if (other.part == photo.part) continue;
    fail(ErrorKind::invalid_argument, "labels: ", name, ": photos of the group '", shown(photo.group),
         "' are in two parts of the split, lines ", other.line, " and ", photo.line,
         "; correct the list, or leave one of the columns out (group=- or split=-)");
  }
  for (Labelled& photo : photos) {
    const auto known = first.find(photo.group);
    if (known != first.end()) photo.part = known->second->part;
  }
}

/// Photos whose path holds their class.
std::vector<Labelled> label_by_name(const fs::path& directory, const ListOptions& options, PhotoList& list) {
  const NamePattern pattern(options.labels.from_name, "label_from_name");
  std::vector<Labelled> photos;
  std::size_t unmatched = 0;
  for (fs::path& path : std::exchange(list.paths, {})) {
    std::string label = trimmed(pattern.find(path.lexically_relative(directory).generic_string()));
    if (label.empty() || !is_label(label)) {
      ++unmatched;
      list.left_out.push_back({.path = path, .reason = "its name has no label by label_from_name"});
      continue;
    }
    photos.push_back({.path = std::move(path), .label = std::move(label)});
  }
  if (photos.empty()) {
    fail_option(ErrorKind::invalid_argument, "label_from_name", "label_from_name: '",
                options.labels.from_name, "' finds no label in any of the ", unmatched,
                " photos' paths below ", shown(directory.string()),
                unmatched > 0 ? cat(", such as ", shown(list.left_out.back().path.filename().string())) : "");
  }
  if (unmatched > 0)
    list.notes.push_back(cat(unmatched, " photos have no label in their name and are not used"));
  return photos;
}

/// Sorted; numbers by their value.
void sort_names(std::vector<std::string>& names) {
  const auto number = [](const std::string& name) {
    long long value = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value);
    return error == std::errc() && end == name.data() + name.size() ? std::optional(value) : std::nullopt;
  };
  const bool numbers = std::ranges::all_of(names, [&](const auto& name) { return number(name).has_value(); });
  std::ranges::sort(names);
  if (numbers) std::ranges::stable_sort(names, {}, [&](const auto& name) { return *number(name); });
}

/// The classes of the list: all labels, or those that the options name.
void set_classes(const std::vector<Labelled>& photos, const ListOptions& options, PhotoList& list) {
  std::map<std::string, std::size_t> counts;
  for (const Labelled& photo : photos) ++counts[photo.label];
  list.class_names = options.class_names;
  if (options.class_names.empty()) {
    for (const auto& [name, count] : counts) list.class_names.push_back(name);
    sort_names(list.class_names);
    std::map<std::u32string, std::string> letters;
    for (const std::string& name : list.class_names) {
      const auto [same, fresh] = letters.emplace(same_letters(name), name);
      if (!fresh)
        list.notes.push_back(
            cat("the classes '", shown(same->second), "' and '", shown(name),
                "' differ only in case or in how letters are composed; if they are one, write "
                "their labels alike"));
    }
    return;
  }
  for (const std::string& name : options.class_names) {
    if (options.classes_may_be_missing || counts.contains(name)) continue;
    fail(ErrorKind::not_found, "class_names: no photo has the label '", shown(name), "'");
  }
}

/// The class of each label; -1 for a label that is none of the classes. Notes say so.
std::map<std::string, int> class_of_labels(const std::vector<Labelled>& photos, const ListOptions& options,
                                           PhotoList& list) {
  std::map<std::string, std::size_t> counts;
  for (const Labelled& photo : photos) ++counts[photo.label];
  std::vector<std::string> labels;
  for (const auto& [label, count] : counts) labels.push_back(label);
  std::map<std::string, int> classes;
  const std::vector<std::ptrdiff_t> places = match_class_folders(labels, list.class_names);
  std::vector<std::string> others;
  std::vector<bool> present(list.class_names.size(), false);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    classes[labels[i]] = static_cast<int>(places[i]);
    if (places[i] >= 0) {
      present[static_cast<std::size_t>(places[i])] = true;
    } else {
      others.push_back(cat("'", shown(labels[i]), "' (", counts[labels[i]], ")"));
    }
  }
  if (!others.empty())
    list.notes.push_back(cat("not used: photos of labels that are none of the classes: ",
                             comma_list(others, {}, kMostClassesNamed)));
  std::vector<std::string> missing;
  for (std::size_t k = 0; k < present.size(); ++k) {
    if (!present[k]) missing.push_back(cat("'", shown(list.class_names[k]), "'"));
  }
  if (options.classes_may_be_missing && !missing.empty() && missing.size() < present.size())
    list.notes.push_back(cat("no photo of ", comma_list(missing, {}, kMostClassesNamed)));
  return classes;
}

/// By class, then as in a folder.
void append(std::vector<Labelled> photos, const std::map<std::string, int>& classes, PhotoList& list) {
  std::erase_if(photos, [&](const Labelled& photo) { return classes.at(photo.label) < 0; });
  std::vector<std::tuple<int, std::string, std::string, std::size_t>> order;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    const fs::path& path = photos[i].path;
    order.emplace_back(classes.at(photos[i].label), path.parent_path().string(), path.filename().string(), i);
  }
  std::ranges::sort(order);
  std::unordered_map<std::string, std::size_t> groups;
  for (const auto& [label, folder, name, i] : order) {
    Labelled& photo = photos[i];
    // A photo without a group is one by itself: no other has its path as the name of its group.
    const std::string group = photo.group.empty() ? cat("\n", photo.path.string()) : photo.group;
    list.groups.push_back(groups.emplace(group, list.paths.size()).first->second);
    list.parts.push_back(photo.part);
    list.weights.push_back(photo.weight);
    list.labels.push_back(label);
    list.paths.push_back(std::move(photo.path));
  }
}

}  // namespace

std::string_view to_string(ListedPart part) {
  return part == ListedPart::train        ? "train"
         : part == ListedPart::validation ? "validation"
         : part == ListedPart::test       ? "test"
                                          : "any part";
}

std::optional<ListedPart> part_to_judge(const PhotoList& list) {
  for (const ListedPart part : {ListedPart::test, ListedPart::validation, ListedPart::train}) {
    if (std::ranges::find(list.parts, part) != list.parts.end()) return part;
  }
  return std::nullopt;
}

void label_photos(const fs::path& directory, const ListOptions& options, PhotoList& list) {
  const LabelSource& source = options.labels;
  if (!source.file.empty() && !source.from_name.empty())
    fail_option(ErrorKind::invalid_argument, "label_from_name",
                "label_from_name: not together with a file of labels; leave one of them out");
  bool split = false, groups = false, weights = false;
  std::vector<Labelled> photos;
  if (source.file.empty()) {
    photos = label_by_name(directory, options, list);
  } else {
    RowReader reader(directory, options, list);
    photos = reader.run();
    settle_groups(photos, shown(source.file.filename().string()));
    split = reader.has_split();
    groups = reader.has_groups();
    weights = reader.has_weights();
  }
  if (source.part) std::erase_if(photos, [&](const Labelled& photo) { return photo.part != *source.part; });
  set_classes(photos, options, list);
  append(std::move(photos), class_of_labels(photos, options, list), list);
  if (!split || source.part) list.parts.clear();
  if (!groups) list.groups.clear();
  if (!weights) list.weights.clear();
  if (list.paths.empty())
    fail(ErrorKind::invalid_argument, shown((source.file.empty() ? directory : source.file).string()),
         " labels no photo of ",
         list.class_names.empty() ? std::string("any class")
                                  : cat("the classes ", comma_list(list.class_names, {}, kMostClassesNamed)));
}

}  // namespace graft::data
