// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/tags.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/text.hpp"
#include "graft/hash.hpp"

#include "serve/studio/refusal.hpp"

namespace graft::serve::studio {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostListBytes = std::uintmax_t{256} << 20;

}  // namespace

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
  std::optional<PhotoTable> table = read_photo_table(text);
  const std::optional<std::size_t> tags = table ? table->label_column() : std::nullopt;
  if (!tags)
    throw Refusal(
        409,
        "labels.csv cannot be changed here: expected UTF-8 and a first line with the columns path and "
        "labels. Give the columns these names, or put the file away; graft train --labels labels.csv "
        "--multi-label may read it as it is");
  std::vector<std::string> texts;
  for (const std::vector<std::string>& row : table->rows)
    if (row.size() > *tags) texts.push_back(row[*tags]);
  const char separator = separator_in(texts);
  std::map<std::string, Row> rows;
  for (std::vector<std::string>& row : table->rows) {
    if (row.size() <= *tags) continue;
    Labels labels = labels_in_field(row[*tags], separator);
    Row& kept = rows[listed_path(row[table->path_column])];
    labels.insert(labels.end(), kept.labels.begin(), kept.labels.end());
    kept = {.fields = std::move(row), .labels = sorted_once(std::move(labels))};
  }
  header_ = std::move(table->header);
  path_column_ = table->path_column;
  label_column_ = *tags;
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
  PhotoTable table{.header = header_, .path_column = path_column_};
  for (auto& [name, row] : rows_) {
    row.fields.resize(std::max(row.fields.size(), header_.size()));
    row.fields[path_column_] = name;
    row.fields[label_column_] = joined(row.labels);
    table.rows.push_back(row.fields);
  }
  write_file_atomically(file(), table.text());
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
  const FolderLock with_others(project_.folder());  // graft serve --collect writes to the list too
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
  const FolderLock with_others(project_.folder());
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
  const FolderLock with_others(project_.folder());
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
  const FolderLock with_others(project_.folder());
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
  const FolderLock with_others(project_.folder());
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
