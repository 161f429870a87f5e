// SPDX-License-Identifier: Apache-2.0
#include "store/parse_catalogue.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::store {
namespace {

constexpr std::size_t kMostName = 200;

/// One row while it is read: its cells, the names of their columns, and where it is, for errors. Every
/// prediction by the name of an architecture reads the whole catalogue: cells are neither copied nor put into
/// a map.
class Row {
 public:
  /// columns: must outlive the row; cells: at most as many.
  Row(const std::vector<std::string>& columns, std::vector<std::string> cells, std::string where)
      : columns_(columns), cells_(std::move(cells)), where_(std::move(where)) {}

  [[nodiscard]] const std::string& text(std::string_view column) const {
    static const std::string none;
    // The last of two columns of one name.
    for (std::size_t i = cells_.size(); i > 0; --i) {
      if (columns_[i - 1] == column) return cells_[i - 1];
    }
    return none;
  }
  [[nodiscard]] double number(const char* column, double fallback) const {
    const std::string& cell = text(column);
    return cell.empty() ? fallback : parsed(column, cell);
  }
  [[nodiscard]] std::optional<std::array<double, 3>> three(const char* column) const {
    const std::string& cell = text(column);
    if (cell.empty()) return std::nullopt;
    const std::vector<std::string> parts = split(cell, ',');
    if (parts.size() != 3) wrong(column, "three numbers");
    return std::array{parsed(column, parts[0]), parsed(column, parts[1]), parsed(column, parts[2])};
  }
  [[nodiscard]] std::optional<bool> yes_or_no(const char* column) const {
    const std::string& cell = text(column);
    if (cell.empty()) return std::nullopt;
    if (cell != "yes" && cell != "no") wrong(column, "yes or no");
    return cell == "yes";
  }
  [[noreturn]] void wrong(const char* column, std::string_view expected) const {
    fail(ErrorKind::bad_file, where_, ", column ", column, ": expected ", expected, ", received '",
         printable(text(column)), "'");
  }

 private:
  [[nodiscard]] double parsed(const char* column, const std::string& cell) const {
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    constexpr double kMost = 1e15;
    if (error != std::errc() || end != cell.data() + cell.size() || !(value >= 0 && value < kMost))
      wrong(column, "a number that is not negative");
    return value;
  }

  const std::vector<std::string>& columns_;
  std::vector<std::string> cells_;
  std::string where_;
};

void read_hash(const Row& row, PublishedFile& file) {
  const std::string& cell = row.text("hash");
  if (cell.empty()) return;
  const std::size_t colon = cell.find(':');
  const std::string digits = colon == std::string::npos ? "" : cell.substr(colon + 1);
  const bool hexadecimal = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  constexpr std::size_t kFewest = 8, kMd5 = 32, kSha256 = 64;
  if (hexadecimal && cell.starts_with("md5:") && digits.size() == kMd5) {
    file.md5 = digits;
  } else if (hexadecimal && cell.starts_with("sha256:") && digits.size() >= kFewest &&
             digits.size() <= kSha256) {
    file.sha256 = digits;
  } else {
    row.wrong("hash", "md5: or sha256: and lower-case hexadecimal digits");
  }
}

PublishedFile read_row(const Row& row) {
  constexpr double kPercent = 100;
  PublishedFile file{.name = row.text("name"),
                     .application = row.text("application"),
                     .alpha = row.number("alpha", 1),
                     .variant = row.text("variant"),
                     .top = row.yes_or_no("top").value_or(true),
                     .file = row.text("file"),
                     .bytes = static_cast<std::uint64_t>(row.number("bytes", 0)),
                     .licence = row.text("licence"),
                     .training_set = row.text("training_set"),
                     .image_size = static_cast<std::int64_t>(row.number("image_size", 0)),
                     .preprocessing = row.text("preprocessing"),
                     .mean = row.three("mean"),
                     .deviation = row.three("std"),
                     .interpolation = row.text("interpolation"),
                     .crop = row.number("crop", 0),
                     .top1 = row.number("top1", 0) / kPercent,
                     .top5 = row.number("top5", 0) / kPercent,
                     .package = row.text("package"),
                     .hub = row.text("hub"),
                     .redistribution = row.yes_or_no("redistribution")};
  if (!is_safe_name(file.name)) row.wrong("name", "letters, digits and . _ + - in parts separated by /");
  if (!is_safe_name(file.file) || file.file.find('/') != std::string::npos)
    row.wrong("file", "the name of a file of letters, digits and . _ + -");
  if (!file.hub.empty() && !is_safe_name(file.hub)) row.wrong("hub", "OWNER/NAME");
  for (std::string& url : split(row.text("url"), ' ')) {
    if (url.empty()) continue;
    if (!url.starts_with("https://") && !url.starts_with("http://")) row.wrong("url", "https:// or http://");
    file.urls.push_back(std::move(url));
  }
  read_hash(row, file);
  return file;
}

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

bool is_safe_name(std::string_view name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
  if (name.empty() || name.size() > kMostName) return false;
  return std::ranges::all_of(split(name, '/'), [&](const std::string& part) {
    return !part.empty() && part.front() != '.' && part.find_first_not_of(kLetters) == std::string::npos;
  });
}

std::vector<PublishedFile> parse_catalogue(std::string_view text, const std::string& source) {
  std::vector<PublishedFile> files;
  std::vector<std::string> columns;
  std::map<std::string, std::size_t> lines;  // of names
  std::size_t number = 0;
  for (const std::string& raw : split(text, '\n')) {
    ++number;
    const std::string_view line = without_return(raw);
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> cells = split(line, '\t');
    if (columns.empty()) {
      columns = std::move(cells);
      for (const char* needed : {"name", "file"}) {
        if (std::ranges::find(columns, needed) == columns.end())
          fail(ErrorKind::bad_file, source, ", line ", number, ": the catalogue has no column '", needed,
               "'; its first line names the columns, separated by tabs");
      }
      continue;
    }
    if (cells.size() > columns.size())
      fail(ErrorKind::bad_file, source, ", line ", number, ": expected at most ", columns.size(),
           " cells separated by tabs, received ", cells.size());
    files.push_back(read_row(Row(columns, std::move(cells), cat(source, ", line ", number))));
    if (const auto before = lines.find(files.back().name); before != lines.end())
      fail(ErrorKind::bad_file, source, ", line ", number, ": line ", before->second, " has the name '",
           files.back().name, "' already");
    lines.emplace(files.back().name, number);
  }
  return files;
}

}  // namespace graft::store
