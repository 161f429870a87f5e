// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/tags.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "graft/base/atomic_file.hpp"
#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/text.hpp"
#include "graft/hash.hpp"

#include "serve/studio/names.hpp"
#include "serve/studio/refusal.hpp"

namespace graft::serve::studio {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostListBytes = std::uintmax_t{256} << 20;
constexpr std::array<std::string_view, 4> kPathColumns{"path", "file", "filename", "image"};
constexpr std::array<std::string_view, 3> kTagColumns{"labels", "label", "tags"};

std::size_t column_of(const std::vector<std::string>& header, std::span<const std::string_view> names) {
  const auto found = std::ranges::find_if(header, [&](const std::string& name) {
    return std::ranges::find(names, std::string_view(name)) != names.end();
  });
  return static_cast<std::size_t>(found - header.begin());
}

/// What is between the labels of a field: the studio writes |; lists of others may have ; or a comma.
char separator_in(const std::vector<std::string>& texts) {
  for (const char one : {'|', ';', ','}) {
    if (std::ranges::any_of(texts, [one](const std::string& text) { return text.find(one) != text.npos; }))
      return one;
  }
  return '|';
}

std::string without_spaces(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t");
  return std::string(begin == text.npos ? std::string_view() : text.substr(begin, end - begin + 1));
}

Labels labels_in_field(const std::string& text, char separator) {
  Labels labels;
  for (const std::string& part : split(text, separator))
    if (std::string label = without_spaces(part); !label.empty()) labels.push_back(std::move(label));
  return sorted_once(std::move(labels));
}

std::string joined(const Labels& labels) {
  std::string text;
  for (const std::string& label : labels) text += (text.empty() ? "" : "|") + label;
  return text;
}

/// Of the first line: what it has most of.
char column_separator(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  char best = ',';
  for (const char one : {';', '\t'})
    if (std::ranges::count(line, one) > std::ranges::count(line, best)) best = one;
  return best;
}

}  // namespace

Labels sorted_once(Labels labels) {
  std::ranges::sort(labels);
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

std::string label_of(std::string_view given) {
  std::string label = without_spaces(given);
  if (label.empty()) throw Refusal(400, "a label needs a name");
  const bool odd = label.size() > 100 || !is_utf8(label) || std::ranges::any_of(label, [](unsigned char c) {
                     return c < 0x20 || c == 0x7f || c == '|';
                   });
  if (odd) throw Refusal(400, "a label has at most 100 bytes, and no |");
  return label;
}

void Tags::read(const std::string& text) {
  std::string_view rest = text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  CsvReader reader(rest, column_separator(rest));
  std::vector<std::string> fields;
  std::vector<std::string> header;
  if (reader.next(fields)) header = fields;
  for (std::string& name : header) name = without_spaces(name);
  const std::size_t path = column_of(header, kPathColumns), tags = column_of(header, kTagColumns);
  if (path == header.size() || tags == header.size() || !is_utf8(text))
    throw Refusal(
        409,
        "labels.csv cannot be changed here: expected UTF-8 and a first line with the columns path and "
        "labels. Give the columns these names, or put the file away; graft train --labels labels.csv "
        "--multi-label may read it as it is");
  std::vector<std::vector<std::string>> all;
  std::vector<std::string> texts;
  while (reader.next(fields)) {
    if (fields.size() <= std::max(path, tags)) continue;  // an empty line
    texts.push_back(fields[tags]);
    all.push_back(fields);
  }
  const char separator = separator_in(texts);
  std::map<std::string, Row> rows;
  for (std::vector<std::string>& row : all) {
    Labels labels = labels_in_field(row[tags], separator);
    const std::string name = fs::path(row[path]).lexically_normal().generic_string();
    Row& kept = rows[name];
    labels.insert(labels.end(), kept.labels.begin(), kept.labels.end());
    kept = {.fields = std::move(row), .labels = sorted_once(std::move(labels))};
  }
  header_ = std::move(header);
  path_column_ = path;
  label_column_ = tags;
  rows_ = std::move(rows);
}

/// With the lock.
void Tags::look() {
  const std::string stamp = file_stamp(file());
  if (stamp == stamp_) return;
  std::error_code error;
  if (fs::exists(file(), error)) {
    read(read_file(file(), kMostListBytes));
  } else {
    header_ = {"path", "labels"};
    path_column_ = 0;
    label_column_ = 1;
    rows_.clear();
  }
  stamp_ = stamp;
}

void Tags::write() {
  std::string text;
  const auto line = [&text](const std::vector<std::string>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) text += (i > 0 ? "," : "") + csv_field(fields[i]);
    text += '\n';
  };
  line(header_);
  for (auto& [name, row] : rows_) {
    row.fields.resize(std::max(row.fields.size(), header_.size()));
    row.fields[path_column_] = name;
    row.fields[label_column_] = joined(row.labels);
    line(row.fields);
  }
  write_file_atomically(file(), text);
  stamp_ = file_stamp(file());
}

std::optional<Labels> Tags::known(const std::string& name) const {
  const auto found = rows_.find(name);
  return found == rows_.end() ? std::nullopt : std::optional(found->second.labels);
}

void Tags::set(const std::string& name, const std::optional<Labels>& labels) {
  if (labels) {
    rows_[name].labels = sorted_once(*labels);
  } else {
    rows_.erase(name);
  }
}

void Tags::begin(Grouping before) {
  const std::vector<std::string> photos = project_.all_photos();
  const std::lock_guard lock(mutex_);
  std::error_code error;
  if (fs::exists(file(), error)) return;
  look();
  for (const std::string& name : photos) {
    const fs::path folder = fs::path(name).parent_path();
    if (folder.empty()) continue;
    const std::string label = before == Grouping::nested ? folder.string() : folder.begin()->string();
    if (label.find('|') == std::string::npos) set(name, Labels{label});
  }
  write();
}

TagSummary Tags::summary() {
  const std::vector<std::string> photos = project_.all_photos();
  const std::lock_guard lock(mutex_);
  look();
  TagSummary found;
  found.photos = photos.size();
  Hasher hash;
  for (const std::string& name : photos) {
    const auto row = rows_.find(name);
    hash.add(name);
    if (row == rows_.end()) {
      ++found.open;
    } else if (row->second.labels.empty()) {
      ++found.none;
    } else {
      for (const std::string& label : row->second.labels) ++found.labels[label];
    }
  }
  hash.add(stamp_);
  found.revision = to_hex(hash.digest()).substr(0, 12);
  return found;
}

TaggedPage Tags::page(TagGroup group, const std::string& label, std::size_t offset, std::size_t count) {
  const std::vector<std::string> photos = project_.all_photos();
  const std::lock_guard lock(mutex_);
  look();
  TaggedPage page;
  std::vector<std::string> names;
  for (const std::string& name : photos) {
    const auto row = rows_.find(name);
    const bool is_listed = row != rows_.end();
    const bool fits =
        group == TagGroup::all || (group == TagGroup::open && !is_listed) ||
        (is_listed && group == TagGroup::none && row->second.labels.empty()) ||
        (is_listed && group == TagGroup::label && std::ranges::binary_search(row->second.labels, label));
    if (!fits) continue;
    if (page.total >= offset && names.size() < count) names.push_back(name);
    ++page.total;
  }
  for (PhotoEntry& photo : project_.entries("", names)) {
    std::optional<Labels> labels = known(photo.name);
    page.photos.push_back({.photo = std::move(photo), .labels = std::move(labels)});
  }
  return page;
}

std::optional<Labels> Tags::labels_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  look();
  return known(name);
}

std::optional<Labels> Tags::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  look();
  std::optional<Labels> labels = known(name);
  if (labels) {
    set(name, std::nullopt);
    write();
  }
  return labels;
}

void Tags::change(const std::vector<LabelChange>& changes) {
  const std::vector<std::string> photos = project_.all_photos();
  const std::lock_guard lock(mutex_);
  look();
  for (const LabelChange& one : changes) {
    if (!std::ranges::binary_search(photos, one.name))
      throw Refusal(409, cat("'", printable(one.name), "' is no longer in the project"));
    if (known(one.name) != one.from)
      throw Refusal(409, cat("the labels of '", printable(one.name),
                             "' have changed meanwhile; look at them once more"));
  }
  for (const LabelChange& one : changes) set(one.name, one.to);
  write();
}

std::vector<LabelChange> Tags::add(const std::vector<std::string>& names, const std::string& given) {
  const std::string label = label_of(given);
  const std::vector<std::string> photos = project_.all_photos();
  const std::lock_guard lock(mutex_);
  look();
  std::vector<LabelChange> changes;
  for (const std::string& name : names) {
    if (!std::ranges::binary_search(photos, name)) continue;
    LabelChange change{.name = name, .from = known(name), .to = {}};
    Labels labels = change.from.value_or(Labels{});
    labels.push_back(label);
    change.to = sorted_once(std::move(labels));
    if (change.to == change.from) continue;
    set(name, change.to);
    changes.push_back(std::move(change));
  }
  if (!changes.empty()) write();
  return changes;
}

std::vector<LabelChange> Tags::rename(const std::string& label, const std::string& to) {
  const std::string new_label = to.empty() ? "" : label_of(to);
  const std::lock_guard lock(mutex_);
  look();
  std::vector<LabelChange> changes;
  for (auto& [name, row] : rows_) {
    const auto found = std::ranges::find(row.labels, label);
    if (found == row.labels.end()) continue;
    LabelChange change{.name = name, .from = row.labels, .to = {}};
    row.labels.erase(found);
    if (!new_label.empty()) row.labels.push_back(new_label);
    row.labels = sorted_once(std::move(row.labels));
    change.to = row.labels;
    changes.push_back(std::move(change));
  }
  if (changes.empty()) throw Refusal(404, cat("no photo has the label '", printable(label), "' any more"));
  write();
  return changes;
}

std::string Tags::columns() {
  const std::lock_guard lock(mutex_);
  look();
  return cat("path=", header_[path_column_], ",label=", header_[label_column_]);
}

}  // namespace graft::serve::studio
