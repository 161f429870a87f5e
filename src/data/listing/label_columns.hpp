// SPDX-License-Identifier: Apache-2.0
// Which column of a list means what.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/photos.hpp"

#include "data/listing/label_table.hpp"

namespace graft::data {

/// Finds the files that a list names.
class ListedFiles {
 public:
  /// folder: that paths are relative to; beside: the folder of the list, tried after it.
  ListedFiles(std::filesystem::path folder, std::filesystem::path beside)
      : folder_(std::move(folder)), beside_(std::move(beside)) {}

  /// The file of a field: as it is written, with / for \, or with an extension of photos behind it. Nothing
  /// where there is none.
  [[nodiscard]] std::optional<std::filesystem::path> find(const std::string& field);
  /// Where it was looked for first.
  [[nodiscard]] std::filesystem::path expected(const std::string& field) const { return folder_ / field; }

 private:
  [[nodiscard]] std::optional<std::filesystem::path> find_exact(const std::string& field) const;

  std::filesystem::path folder_, beside_;
  std::string extension_;  ///< that the last field lacked
};

/// Positions of a table's columns.
struct FoundColumns {
  std::size_t path = 0, label = 0;
  std::vector<std::size_t> indicators{};  ///< columns of 0 and 1, one a class, in place of label
  std::vector<std::size_t> targets{};     ///< columns of numbers, in place of label and indicators
  std::optional<std::size_t> split, group, weight;
};

/// The columns that are named, and guesses for the others; a row of names is removed from the table, and its
/// notes say what was guessed and what is not used. Errors: Error{invalid_argument}, listing the columns.
[[nodiscard]] FoundColumns find_columns(LabelTable& table, const LabelSource& source, ListedFiles& files);

}  // namespace graft::data
