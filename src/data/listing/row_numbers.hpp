// SPDX-License-Identifier: Apache-2.0
// Numbers in the fields of a list.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "graft/photos.hpp"

#include "data/listing/label_columns.hpp"
#include "data/listing/label_table.hpp"

namespace graft::data {

/// A finite number, written as in C: 34, -1.5, 2e3. Nothing for another text; a comma is no decimal point.
[[nodiscard]] std::optional<double> number_of(const std::string& field);

/// What the fields of a column of labels are.
struct LabelKind {
  bool numbers = false;       ///< each is a number, or empty
  bool whole = true;          ///< and each is whole
  std::size_t different = 0;  ///< number of different ones
};
[[nodiscard]] LabelKind kind_of_labels(const LabelTable& table, std::size_t column);

/// Takes a column of labels that was guessed as one of numbers, where its fields are numbers and not all
/// whole. What was decided, and how to have it otherwise, goes into the notes.
void guess_numbers(const LabelSource& source, FoundColumns& found, LabelTable& table);

/// The numbers of a row's photo, one a column of targets. reason: why there are none.
[[nodiscard]] std::optional<std::vector<float>> numbers_of(const LabelRow& row, const FoundColumns& columns,
                                                           const LabelTable& table, std::string& reason);

}  // namespace graft::data
