// SPDX-License-Identifier: Apache-2.0
#include "data/listing/row_numbers.hpp"

#include <charconv>
#include <cmath>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "data/listing/folders.hpp"
#include "data/listing/label_rows.hpp"

namespace graft::data {
namespace {

/// With more different whole numbers a column may be one of numbers, and a note says how to have it so.
constexpr std::size_t kManyWhole = 20;
/// Larger ones have no room for weights and squares in float32.
constexpr double kLargestNumber = 1e18;

}  // namespace

std::optional<double> number_of(const std::string& field) {
  double value = 0;
  const char* begin = field.data();
  const char* const end = begin + field.size();
  if (field.size() > 1 && *begin == '+' && field[1] != '-') ++begin;
  const auto [stop, error] = std::from_chars(begin, end, value);
  const bool good = error == std::errc() && stop == end && begin != end && std::isfinite(value);
  return good ? std::optional(value) : std::nullopt;
}

LabelKind kind_of_labels(const LabelTable& table, std::size_t column) {
  LabelKind kind;
  std::set<double> values;
  for (const LabelRow& row : table.rows) {
    const std::string field = column < row.fields.size() ? trimmed(row.fields[column]) : std::string();
    if (field.empty()) continue;
    const std::optional<double> value = number_of(field);
    if (!value) return {};
    kind.whole = kind.whole && std::floor(*value) == *value;
    values.insert(*value);
  }
  kind.different = values.size();
  kind.numbers = !values.empty();
  return kind;
}

void guess_numbers(const LabelSource& source, FoundColumns& found, LabelTable& table) {
  if (!source.targets.empty() || !source.columns.label.empty() || source.several ||
      !source.separator.empty() || !found.indicators.empty())
    return;
  const LabelKind kind = kind_of_labels(table, found.label);
  const std::string name = shown(table.columns[found.label]);
  if (!kind.numbers || (kind.whole && kind.different <= kManyWhole)) return;
  if (kind.whole) {
    table.notes.push_back(
        cat(table.name, ": column '", name, "' holds ", kind.different,
            " different whole numbers, taken for classes; where they are measurements, name "
            "it as one of numbers (--target-column ",
            name, ")"));
    return;
  }
  found.targets = {found.label};
  table.notes.push_back(cat(table.name, ": column '", name,
                            "' holds numbers that are not all whole: a number is learnt for each photo, no "
                            "class (--columns label=",
                            name, " makes classes of them)"));
}

std::optional<std::vector<float>> numbers_of(const LabelRow& row, const FoundColumns& columns,
                                             const LabelTable& table, std::string& reason) {
  std::vector<float> numbers;
  for (const std::size_t column : columns.targets) {
    const std::string field = trimmed(row.fields[column]);
    const std::optional<double> value = number_of(field);
    const bool fits = value && std::abs(*value) <= kLargestNumber;
    if (!fits) {
      reason = cat(": '", shown(field), "' in column '", shown(table.columns[column]), "'");
      return std::nullopt;
    }
    numbers.push_back(static_cast<float>(*value));
  }
  return numbers;
}

}  // namespace graft::data
