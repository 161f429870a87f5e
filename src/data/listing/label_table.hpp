// SPDX-License-Identifier: Apache-2.0
// A file of labels as rows of text, whatever its format and encoding.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace graft::data {

/// Begins a field that is a list (of .jsonl), and each of its elements after the first.
inline constexpr char kListMark = '\x1f';

struct LabelRow {
  std::size_t line = 0;  ///< in the file, from 1
  std::vector<std::string> fields;
};

struct LabelTable {
  std::string name;  ///< of the file, for messages
  /// Of .jsonl: the keys of all objects; a row has an empty field where its object has none.
  std::vector<std::string> columns;
  bool named = false;          ///< columns are known; else the first row may hold their names
  std::vector<LabelRow> rows;  ///< blank lines left out
  std::vector<std::string> notes;
};

/// Errors: of read_bytes, with the path; Error{bad_file} for a file without rows, a quote that is not closed,
/// and a line that is no JSON object.
[[nodiscard]] LabelTable read_label_table(const std::filesystem::path& file);

}  // namespace graft::data
