// SPDX-License-Identifier: Apache-2.0
// A list of photos in a folder, as graft train --labels reads it: who changes it, and how.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace graft::serve {

/// The name of the list in a folder of photos.
inline constexpr const char* kLabelFile = "labels.csv";
/// The folder, below that of the list, in which new photos are put.
inline constexpr const char* kListedPhotos = "photos";

using Labels = std::vector<std::string>;  ///< sorted, each once

/// A text without spaces and tabs around it.
[[nodiscard]] std::string without_spaces(std::string_view text);
[[nodiscard]] Labels sorted_once(Labels labels);
/// The labels of a field.
[[nodiscard]] Labels labels_in_field(const std::string& text, char separator);
/// What is between the labels of these fields: graft writes |, lists of others may have ; or a comma.
[[nodiscard]] char separator_in(const std::vector<std::string>& fields);
/// Labels as a field, with | between them.
[[nodiscard]] std::string joined(const Labels& labels);

/// The rows of a list. Fields that nobody here understands are kept as they are.
struct PhotoTable {
  std::vector<std::string> header{"path"};  ///< without spaces around the names
  std::size_t path_column = 0;
  std::vector<std::vector<std::string>> rows{};  ///< each with at least the path

  /// The first column with one of these names; unset: there is none.
  [[nodiscard]] std::optional<std::size_t> column(std::span<const std::string_view> names) const;
  /// The column of labels, by its usual names.
  [[nodiscard]] std::optional<std::size_t> label_column() const;
  /// The row of this path, as long as the header: a new one at the end where there is none. Where there are
  /// several, the others are removed.
  [[nodiscard]] std::vector<std::string>& row_of(const std::string& path);
  /// The file's text: UTF-8, commas between fields.
  [[nodiscard]] std::string text() const;
};
/// The table in a text: between fields is what its first line has most of, a comma, semicolon or tab. The
/// column of paths is known by its usual names. Unset: the text is not UTF-8, or has no such column.
[[nodiscard]] std::optional<PhotoTable> read_photo_table(std::string_view text);
/// A path in a list, in one form for all ways to write it.
[[nodiscard]] std::string listed_path(const std::string& path);

/// As long as it lives no other thread or process has one of the same folder, so that a list that is read,
/// changed and written loses nothing. On a file system without locks it does nothing.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace graft::serve
