// SPDX-License-Identifier: Apache-2.0
#include "serve/photo_table.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "graft/base/csv.hpp"
#include "graft/base/text.hpp"

namespace graft::serve {
namespace {

constexpr std::array<std::string_view, 4> kPathNames{"path", "file", "filename", "image"};
constexpr std::array<std::string_view, 3> kLabelNames{"labels", "label", "tags"};

/// Of the first line: what it has most of.
char column_separator(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  char best = ',';
  for (const char one : {';', '\t'})
    if (std::ranges::count(line, one) > std::ranges::count(line, best)) best = one;
  return best;
}

void append_line(std::string& text, const std::vector<std::string>& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) text += (i > 0 ? "," : "") + csv_field(fields[i]);
  text += '\n';
}

}  // namespace

std::string without_spaces(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t");
  return std::string(begin == std::string_view::npos ? std::string_view()
                                                     : text.substr(begin, end - begin + 1));
}

Labels sorted_once(Labels labels) {
  std::ranges::sort(labels);
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

Labels labels_in_field(const std::string& text, char separator) {
  Labels labels;
  for (const std::string& part : split(text, separator))
    if (std::string label = without_spaces(part); !label.empty()) labels.push_back(std::move(label));
  return sorted_once(std::move(labels));
}

char separator_in(const std::vector<std::string>& fields) {
  for (const char one : {'|', ';', ','}) {
    if (std::ranges::any_of(fields,
                            [one](const std::string& text) { return text.find(one) != std::string::npos; }))
      return one;
  }
  return '|';
}

std::string joined(const Labels& labels) {
  std::string text;
  for (const std::string& label : labels) text += (text.empty() ? "" : "|") + label;
  return text;
}

std::optional<std::size_t> PhotoTable::column(std::span<const std::string_view> names) const {
  const auto found = std::ranges::find_if(header, [&](const std::string& name) {
    return std::ranges::find(names, std::string_view(name)) != names.end();
  });
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

std::optional<std::size_t> PhotoTable::label_column() const { return column(kLabelNames); }

std::vector<std::string>& PhotoTable::row_of(const std::string& path) {
  const auto is_of_path = [&](const std::vector<std::string>& row) {
    return listed_path(row[path_column]) == path;
  };
  auto found = std::ranges::find_if(rows, is_of_path);
  if (found == rows.end()) {
    rows.emplace_back(header.size());
    found = std::prev(rows.end());
  } else {
    rows.erase(std::remove_if(std::next(found), rows.end(), is_of_path), rows.end());
  }
  found->resize(std::max(found->size(), header.size()));
  found->at(path_column) = path;
  return *found;
}

std::string PhotoTable::text() const {
  std::string text;
  append_line(text, header);
  for (const std::vector<std::string>& row : rows) append_line(text, row);
  return text;
}

std::optional<PhotoTable> read_photo_table(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!is_utf8(text)) return std::nullopt;
  CsvReader reader(text, column_separator(text));
  PhotoTable table;
  table.header.clear();
  std::vector<std::string> fields;
  if (reader.next(fields)) table.header = fields;
  for (std::string& name : table.header) name = without_spaces(name);
  const std::optional<std::size_t> path = table.column(kPathNames);
  if (!path) return std::nullopt;
  table.path_column = *path;
  while (reader.next(fields))
    if (fields.size() > *path && !fields[*path].empty()) table.rows.push_back(fields);
  return table;
}

std::string listed_path(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().generic_string();
}

FolderLock::FolderLock(const std::filesystem::path& folder)
    : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) return;
  while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

FolderLock::~FolderLock() {
  if (descriptor_ < 0) return;
  ::flock(descriptor_, LOCK_UN);  // a process that was just forked has the descriptor too
  ::close(descriptor_);
}

}  // namespace graft::serve
