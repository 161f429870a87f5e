// SPDX-License-Identifier: Apache-2.0
// Numbers that models estimate, and how good they are, as text.
#pragma once

#include <string>
#include <vector>

#include "graft/classifier.hpp"
#include "graft/evaluation.hpp"

namespace graft::cli {

/// A number with as many digits as mean something where it may be off by `step`: 34.2 for 34.187 and 8.31.
/// Four digits where step is 0.
[[nodiscard]] std::string number_text(double value, double step);
/// "34.2   90 %: 25.9 to 42.5", without the name.
[[nodiscard]] std::string answer_text(const NumberAnswer& answer);
/// Figures of numbers, a line each: "age: mean absolute error 4.1 (3.6-4.7)   RMSE 5.6   R2 0.81 (...)".
[[nodiscard]] std::string numbers_report(const std::vector<NumberFigures>& figures,
                                         const std::vector<std::string>& names, double level);

}  // namespace graft::cli
