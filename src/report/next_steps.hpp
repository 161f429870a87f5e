// SPDX-License-Identifier: Apache-2.0
// What to do next, from the figures of a run.
#pragma once

#include <string>
#include <vector>

#include "report/answer_figures.hpp"
#include "report/run_files.hpp"

namespace graft {
inline namespace report {

/// A suggestion.
struct NextStep {
  std::string what;  ///< a short order: "Add photos of roses"
  std::string why;   ///< the figures that it rests on
};

/// The most useful first; never empty. figures: one per set.
[[nodiscard]] std::vector<NextStep> next_steps(const RunFiles& run, const std::vector<AnswerSet>& sets,
                                               const std::vector<AnswerFigures>& figures,
                                               const std::vector<Answer>& answers);

/// Number of training photos of each class; empty where nothing is known.
[[nodiscard]] std::vector<std::size_t> training_photos(const RunFiles& run);

}  // namespace report
}  // namespace graft
