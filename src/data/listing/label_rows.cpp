// SPDX-License-Identifier: Apache-2.0
#include "data/listing/label_rows.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "data/listing/folders.hpp"
#include "data/listing/label_columns.hpp"
#include "data/listing/label_table.hpp"
#include "data/listing/row_numbers.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;

/// The most lines that are named for one kind of problem.
constexpr std::size_t kLinesNamed = 5;

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

std::optional<ListedPart> listed_part(const std::string& field) {
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

/// 1 or 0 of a field; nothing for another text.
std::optional<bool> flag_of(const std::string& field) {
  const std::string word = to_lower(field);
  if (word == "1" || word == "1.0" || word == "true" || word == "yes") return true;
  if (word.empty() || word == "0" || word == "0.0" || word == "false" || word == "no") return false;
  return std::nullopt;
}

/// What separates the labels of a field: the first of these that a row has. Empty: no row has one.
std::string separator_of(const LabelTable& table, std::size_t column) {
  for (const char* separator : {"|", ";", ",", " "}) {
    for (const LabelRow& row : table.rows) {
      if (column < row.fields.size() && trimmed(row.fields[column]).find(separator) != std::string::npos)
        return separator;
    }
  }
  return {};
}

/// The labels of a row's photo.
class RowLabels {
 public:
  RowLabels(const LabelTable& table, const FoundColumns& columns, const LabelSource& source, PhotoList& list)
      : table_(table), columns_(columns), separator_(source.separator) {
    several_ = source.several || !separator_.empty();
    if (!columns.indicators.empty()) {
      const auto is_exclusive = [&](const LabelRow& row) { return flags_in(row) == 1; };
      several_ = several_ || !std::ranges::all_of(table.rows, is_exclusive);
      list.notes.push_back(
          cat(table.name, several_ ? ": a photo may have several labels, or none: columns of 0 and 1"
                                   : ": one label a photo: each row has a 1 in one column"));
      return;
    }
    const auto is_list = [&](const LabelRow& row) {
      return columns.label < row.fields.size() && row.fields[columns.label].starts_with(kListMark);
    };
    const bool lists = std::ranges::any_of(table.rows, is_list);
    several_ = several_ || lists;
    if (!several_) {
      hint(list);
      return;
    }
    if (!lists && separator_.empty()) separator_ = separator_of(table, columns.label);
    list.notes.push_back(cat(table.name, ": a photo may have several labels",
                             separator_.empty() ? std::string() : cat(", separated by '", separator_, "'")));
  }

  [[nodiscard]] bool several() const { return several_; }

  /// Sorted, each once. Nothing where a field of 0 or 1 is neither.
  [[nodiscard]] std::optional<std::vector<std::string>> of(const LabelRow& row) const {
    std::vector<std::string> labels;
    if (!columns_.indicators.empty()) {
      for (const std::size_t column : columns_.indicators) {
        const std::optional<bool> flag = flag_of(trimmed(row.fields[column]));
        if (!flag) return std::nullopt;
        if (*flag) labels.push_back(trimmed(table_.columns[column]));
      }
    } else {
      const std::string& field = row.fields[columns_.label];
      if (field.starts_with(kListMark)) {
        labels = parts_of(field.substr(1), std::string(1, kListMark));
      } else if (several_ && !separator_.empty()) {
        labels = parts_of(field, separator_);
      } else {
        labels = parts_of(field, {});
      }
    }
    std::ranges::sort(labels);
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    return labels;
  }

 private:
  /// Labels that look like several.
  void hint(PhotoList& list) const {
    for (const LabelRow& row : table_.rows) {
      if (columns_.label >= row.fields.size() || row.fields[columns_.label].find('|') == std::string::npos)
        continue;
      list.notes.push_back(cat(table_.name, ": '", shown(row.fields[columns_.label]),
                               "' is taken for one label; the option multi_label makes several of it"));
      return;
    }
  }

  [[nodiscard]] std::size_t flags_in(const LabelRow& row) const {
    return static_cast<std::size_t>(std::ranges::count_if(columns_.indicators, [&](std::size_t column) {
      return column < row.fields.size() && flag_of(trimmed(row.fields[column])).value_or(false);
    }));
  }

  static std::vector<std::string> parts_of(const std::string& field, const std::string& separator) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin <= field.size()) {
      const std::size_t end =
          separator.empty() ? field.size() : std::min(field.find(separator, begin), field.size());
      std::string part = trimmed(field.substr(begin, end - begin));
      if (!part.empty()) parts.push_back(std::move(part));
      begin = end + std::max<std::size_t>(separator.size(), 1);
    }
    return parts;
  }

  const LabelTable& table_;
  const FoundColumns& columns_;
  std::string separator_;
  bool several_ = false;
};

/// Reads the photos of a file of labels, row by row.
class RowReader {
 public:
  RowReader(const fs::path& directory, const ListOptions& options, PhotoList& list)
      : directory_(directory),
        options_(options),
        list_(list),
        table_(read_label_table(options.labels.file)),
        files_(directory, options.labels.file.parent_path()),
        columns_(find_columns(table_, options.labels, files_)),
        trouble_(table_.name, list) {
    list_.notes.insert(list_.notes.end(), table_.notes.begin(), table_.notes.end());
    if (columns_.targets.empty()) {
      labels_.emplace(table_, columns_, options.labels, list);
    } else if (options.labels.several || !options.labels.separator.empty()) {
      fail_option(
          ErrorKind::invalid_argument, "multi_label",
          "multi_label: a photo has numbers or labels; leave this option or the columns of targets out");
    }
  }

  ListedRows run() {
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
    if (unlabelled_ > 0) list_.notes.push_back(cat(table_.name, ": ", unlabelled_, " photos have no label"));
    settle_groups(photos_, table_.name);
    return {.photos = std::move(photos_),
            .split = columns_.split.has_value(),
            .groups = columns_.group.has_value(),
            .weights = columns_.weight.has_value(),
            .several = several(),
            .targets = target_names()};
  }

 private:
  [[nodiscard]] bool several() const { return labels_ && labels_->several(); }

  [[nodiscard]] std::vector<std::string> target_names() const {
    std::vector<std::string> names;
    for (const std::size_t column : columns_.targets) names.push_back(trimmed(table_.columns[column]));
    return names;
  }

  /// The photo's labels or numbers. Returns why the row cannot be used, and details; empty: it can.
  std::pair<std::string, std::string> label(const LabelRow& row, Labelled& photo) const {
    if (!labels_) {
      std::string reason;
      std::optional<std::vector<float>> numbers = numbers_of(row, columns_, table_, reason);
      if (!numbers) return {"a field is no number", reason};
      photo.numbers = std::move(*numbers);
      return {};
    }
    std::optional<std::vector<std::string>> labels = labels_->of(row);
    if (!labels) return {"a column of a label holds neither 0 nor 1", {}};
    if (labels->empty() && !several()) return {"the label is empty", {}};
    if (!std::ranges::all_of(*labels, is_label)) return {"the label holds a control character", {}};
    photo.labels = std::move(*labels);
    return {};
  }

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
    Labelled photo{.path = file->lexically_normal(), .line = row.line};
    photo.group = field(columns_.group);
    if (const auto [kind, detail] = label(row, photo); !kind.empty()) return refuse(kind, detail);
    const std::optional<ListedPart> part = listed_part(field(columns_.split));
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

  /// A photo that is there already counts once; with two labels it is not used at all, or has both where
  /// that is possible.
  void keep(Labelled photo) {
    const auto [known, fresh] = places_.emplace(photo.path.string(), photos_.size());
    if (fresh) {
      unlabelled_ += labels_ && photo.labels.empty() ? 1 : 0;
      return photos_.push_back(std::move(photo));
    }
    Labelled& first = photos_[known->second];
    const bool same = first.labels == photo.labels && first.numbers == photo.numbers;
    if (first.part == photo.part && (several() || same)) {
      if (repeated_++ == 0) first_repeat_ = photo.line;
      std::vector<std::string> both;
      std::ranges::set_union(first.labels, photo.labels, std::back_inserter(both));
      first.labels = std::move(both);
      return;
    }
    const bool parts = first.part != photo.part;
    const std::string kind = parts     ? "a photo in two parts of the split"
                             : labels_ ? "a photo with two labels"
                                       : "a photo with two numbers";
    const auto said = [](const Labelled& one) {
      return one.numbers.empty() ? shown(one.labels.front())
                                 : comma_list(one.numbers, [](float number) { return cat(number); });
    };
    const auto say = [&](const Labelled& one, const Labelled& other) {
      trouble_.add(kind, one.line, one.path,
                   parts ? cat(": see line ", other.line)
                         : cat(": '", said(one), "' here, '", said(other), "' in line ", other.line));
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
  std::optional<RowLabels> labels_;
  std::vector<Labelled> photos_;
  std::unordered_map<std::string, std::size_t> places_;
  std::size_t rows_ = 0, missing_ = 0, repeated_ = 0, first_repeat_ = 0, unlabelled_ = 0;
};

}  // namespace

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

bool is_label(const std::string& text) {
  return is_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

ListedRows read_label_rows(const fs::path& directory, const ListOptions& options, PhotoList& list) {
  return RowReader(directory, options, list).run();
}

}  // namespace graft::data
