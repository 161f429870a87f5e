// SPDX-License-Identifier: Apache-2.0
// What the commands print.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/evaluation.hpp"

namespace graft::cli {

/// Prints one JSON value on one line of standard output. Bytes that are not UTF-8 are replaced.
void print_json(const Json& value);

/// The text of print_json().
[[nodiscard]] std::string dumped(const Json& value);

/// Lines that are wider than the terminal on standard output, broken at spaces; unchanged elsewhere.
[[nodiscard]] std::string fitted(const std::string& text);

/// "95 % interval 92.1 % to 98.0 %"
[[nodiscard]] std::string interval_text(const Interval& interval);
/// "1 photo", "3 photos"
[[nodiscard]] std::string counted(std::size_t count, const std::string& one, const std::string& many);
/// "0:06", "1:02:03"
[[nodiscard]] std::string duration(double seconds);
/// As it can be typed into a shell.
[[nodiscard]] std::string quoted(const std::string& word);

/// Number of photos by [true class][predicted class].
using Confusion = std::vector<std::vector<std::int64_t>>;
/// The most frequent mistake: "tulips taken for roses, 6 times", the true class first, and how many other
/// pairs are as frequent. Empty without mistakes.
[[nodiscard]] std::string most_confused(const Confusion& confusion, const std::vector<std::string>& names);

/// Columns of the terminal: $COLUMNS, else what the terminal reports, else 80 (as Keras).
[[nodiscard]] int console_width();

}  // namespace graft::cli
