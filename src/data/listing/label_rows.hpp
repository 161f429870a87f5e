// SPDX-License-Identifier: Apache-2.0
// The rows of a file of labels, each with its photo.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "graft/photos.hpp"

namespace graft::data {

/// A photo and what its row, or name, says of it.
struct Labelled {
  std::filesystem::path path;
  std::vector<std::string> labels;  ///< one; of several labels any number, sorted
  std::vector<float> numbers{};     ///< of a list with columns of targets, in place of labels
  ListedPart part = ListedPart::unset;
  std::string group;
  float weight = 1;
  std::size_t line = 0;
  bool dropped = false;
};

struct ListedRows {
  std::vector<Labelled> photos;
  bool split = false, groups = false, weights = false;  ///< whether there is such a column
  bool several = false;                                 ///< a photo may have several labels
  std::vector<std::string> targets{};                   ///< names of the numbers; empty: photos have labels
};

/// Reads options.labels.file. What is left out, and why, goes into list. Errors: see list_photos().
[[nodiscard]] ListedRows read_label_rows(const std::filesystem::path& directory, const ListOptions& options,
                                         PhotoList& list);

/// Without white space around it.
[[nodiscard]] std::string trimmed(const std::string& text);
/// Whether a text can be the name of a class: UTF-8 without control characters.
[[nodiscard]] bool is_label(const std::string& text);

}  // namespace graft::data
