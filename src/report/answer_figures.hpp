// SPDX-License-Identifier: Apache-2.0
// The figures of a set of answers: by class, confusion, reliability, coverage.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"

namespace graft {
inline namespace report {

/// A photo's answer.
struct Answer {
  int answer = 0;         ///< the most probable class
  float probability = 0;  ///< its probability
  float margin = 0;       ///< that minus the second one's
};
[[nodiscard]] std::vector<Answer> answers_of(const PhotoAnswers& photos);

/// Some rows of the answers that are judged together.
struct AnswerSet {
  std::string name;               ///< "test", "training", "seen"
  std::string title;              ///< "Test photos"
  std::string note;               ///< who answered
  std::vector<std::size_t> rows;  ///< of PhotoAnswers
};
/// The sets of a run that have photos: those never used, then others.
[[nodiscard]] std::vector<AnswerSet> answer_sets(const PhotoAnswers& photos, bool evaluation);

/// A bin of expected_calibration_error().
struct ReliabilityBin {
  double low = 0, high = 0;  ///< probabilities above low, up to high
  std::size_t photos = 0;    ///< whose answer's probability is in it
  double probability = 0;    ///< its mean
  double accuracy = 0;       ///< part of them that is right
};

/// How many photos are answered when answers below a probability become "I don't know".
struct CoveragePoint {
  double threshold = 0;
  std::size_t answered = 0;
  std::size_t right = 0;
};

/// The figures of a set.
struct AnswerFigures {
  Evaluation evaluation;                ///< accuracy, loss, confusion
  ClassFigures classes;                 ///< recall and precision
  std::vector<double> f1;               ///< harmonic mean of both; 0 where both are 0
  std::vector<ReliabilityBin> bins;     ///< kReliabilityBins
  std::vector<CoveragePoint> coverage;  ///< by rising threshold
  std::vector<std::pair<std::pair<int, int>, std::int64_t>> mistakes;  ///< (true, answered), most first
};
inline constexpr std::size_t kReliabilityBins = 15;
[[nodiscard]] AnswerFigures figures_of(const PhotoAnswers& photos, const std::vector<Answer>& answers,
                                       const std::vector<std::size_t>& rows);
/// As in report.json.
[[nodiscard]] Json to_json(const AnswerFigures& figures, const std::vector<std::string>& classes);

}  // namespace report
}  // namespace graft
