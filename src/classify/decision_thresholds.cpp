// SPDX-License-Identifier: Apache-2.0
// Thresholds of the decision rules, from answers for photos that what answered had not seen.
#include <algorithm>
#include <cmath>
#include <functional>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/decision.hpp"

namespace graft::classify {
namespace {

constexpr double kRoundingOfRecall = 1e-9;  // 1 - 0.9 is a little less than 0.1

/// How sure a photo's answer is, and whether it is right.
struct JudgedAnswer {
  double probability = 0;
  bool right = false;
};

/// The most certain first; an answer that is no number last, as 0.
std::vector<JudgedAnswer> judged_answers(const Tensor& probabilities, const std::vector<int>& truth) {
  if (probabilities.shape().rank() != 2 || probabilities.shape()[1] < 1 ||
      probabilities.shape()[0] != static_cast<std::int64_t>(truth.size())) {
    fail(ErrorKind::shape_mismatch, "probabilities: expected (", truth.size(), ", classes), received ",
         probabilities.shape());
  }
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  std::vector<JudgedAnswer> answers;
  answers.reserve(truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto row = probabilities.data<float>().subspan(i * width, width);
    JudgedAnswer answer;
    for (std::size_t k = 0; k < width; ++k) {
      const auto probability = static_cast<double>(row[k]);
      if (!(probability > answer.probability)) continue;
      answer = {.probability = probability, .right = static_cast<int>(k) == truth[i]};
    }
    answers.push_back(answer);
  }
  std::ranges::stable_sort(answers, std::greater<>(), &JudgedAnswer::probability);
  return answers;
}

/// The same for several labels: right where all labels of the photo are.
std::vector<JudgedAnswer> judged_label_answers(const Tensor& probabilities, const Tensor& truth,
                                               const std::vector<double>& thresholds) {
  if (probabilities.shape().rank() != 2 || probabilities.shape() != truth.shape()) {
    fail(ErrorKind::shape_mismatch, "several labels: expected probabilities and truth (N, K), received ",
         probabilities.shape(), " and ", truth.shape());
  }
  const auto width = static_cast<std::size_t>(truth.shape()[1]);
  std::vector<JudgedAnswer> answers;
  for (std::size_t begin = 0; begin < truth.data<float>().size(); begin += width) {
    const auto row = probabilities.data<float>().subspan(begin, width);
    answers.push_back(
        {.probability = label_certainty(row, thresholds).probability,
         .right = labels_are_right(row, truth.data<float>().subspan(begin, width), thresholds)});
  }
  std::ranges::stable_sort(answers, std::greater<>(), &JudgedAnswer::probability);
  return answers;
}

void check_reject_accuracy(std::optional<double> accuracy) {
  if (!accuracy || (*accuracy > 0 && *accuracy < 1)) return;
  fail_option(ErrorKind::invalid_argument, "reject_accuracy",
              "reject_accuracy: expected an accuracy above 0 and below 1, received ", *accuracy);
}

/// answers: the most certain first.
std::optional<double> lowest_threshold(const std::vector<JudgedAnswer>& answers,
                                       std::optional<double> accuracy) {
  if (answers.size() < kFewestToReject) return std::nullopt;
  const auto with_caution = [](std::size_t wrong, std::size_t all) {
    return (static_cast<double>(wrong) + 1) / (static_cast<double>(all) + 1);
  };
  const auto all_wrong = static_cast<std::size_t>(std::ranges::count(answers, false, &JudgedAnswer::right));
  const double most_wrong =
      accuracy ? 1 - *accuracy + kRoundingOfRecall : with_caution(all_wrong, answers.size()) / 2;
  std::optional<double> lowest;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    wrong += answers[i].right ? 0 : 1;
    // Photos with the same probability are answered together.
    if (i + 1 < answers.size() && answers[i + 1].probability == answers[i].probability) continue;
    if (with_caution(wrong, i + 1) <= most_wrong) lowest = answers[i].probability;
  }
  if (!lowest && !accuracy) return answers.back().probability;
  return lowest;
}

/// How many photos of a class may be below the threshold, and one more: its place among them, from 1.
std::size_t place_of_threshold(std::size_t photos, double recall) {
  return static_cast<std::size_t>((static_cast<double>(photos) + 1) * (1 - recall) + kRoundingOfRecall);
}

/// The highest recall that this number of photos of a class allows, rounded down to a tenth of a per cent.
double highest_recall(std::size_t photos) {
  return std::floor(1000 * static_cast<double>(photos) / (static_cast<double>(photos) + 1)) / 1000;
}

}  // namespace

std::optional<double> find_reject_threshold(const Tensor& probabilities, const std::vector<int>& truth,
                                            std::optional<double> accuracy) {
  check_reject_accuracy(accuracy);
  return lowest_threshold(judged_answers(probabilities, truth), accuracy);
}

std::optional<double> find_label_reject_threshold(const Tensor& probabilities, const Tensor& truth,
                                                  const std::vector<double>& thresholds,
                                                  std::optional<double> accuracy) {
  check_reject_accuracy(accuracy);
  return lowest_threshold(judged_label_answers(probabilities, truth, thresholds), accuracy);
}

std::size_t fewest_for_recall(double recall) {
  if (!(recall > 0 && recall < 1)) {
    fail_option(ErrorKind::invalid_argument, "min_recall",
                "min_recall: expected a recall above 0 and below 1, received ", recall);
  }
  // The first estimate is at most one off.
  auto photos = static_cast<std::size_t>(std::max(std::floor(1 / (1 - recall)) - 2, 0.0));
  while (place_of_threshold(photos, recall) < 1) ++photos;
  return std::max<std::size_t>(photos, 1);
}

double find_recall_threshold(const Tensor& probabilities, const std::vector<int>& truth, std::size_t index,
                             const MinRecall& wanted) {
  static_cast<void>(judged_answers(probabilities, truth));  // checks the shape
  const auto width = static_cast<std::size_t>(probabilities.shape()[1]);
  if (index >= width) fail(ErrorKind::shape_mismatch, "min_recall: there is no class ", index, " of ", width);
  const std::size_t needed = fewest_for_recall(wanted.recall);
  std::vector<float> own;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (static_cast<std::size_t>(truth[i]) != index) continue;
    const float p = probabilities.data<float>()[i * width + index];
    own.push_back(std::isnan(p) ? 0 : p);
  }
  if (own.size() < needed) {
    fail_option(ErrorKind::invalid_argument, "min_recall", "min_recall: a recall of ", percent(wanted.recall),
                " of ", wanted.class_name, " needs at least ", needed,
                " photos of the class that what answers was not trained on, received ", own.size(),
                "; they allow at most ", percent(highest_recall(own.size())),
                ": add photos of the class, or ask for less");
  }
  std::ranges::sort(own);
  return own[std::min(place_of_threshold(own.size(), wanted.recall), own.size()) - 1];
}

}  // namespace graft::classify
