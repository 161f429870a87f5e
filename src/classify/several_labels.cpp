// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"

namespace graft::classify {
namespace {

/// The answers for one class, the most probable first.
using Ranked = std::vector<std::pair<float, bool>>;

void check(const Tensor& probabilities, const Tensor& truth) {
  if (probabilities.shape().rank() != 2 || probabilities.shape() != truth.shape() ||
      probabilities.dtype() != DType::float32 || truth.dtype() != DType::float32) {
    fail(ErrorKind::shape_mismatch,
         "several labels: expected probabilities and truth float32 (N, K), received ", probabilities.shape(),
         " and ", truth.shape());
  }
  if (std::ranges::any_of(truth.data<float>(), [](float value) { return value != 0 && value != 1; }))
    fail(ErrorKind::invalid_argument, "several labels: the truth is other than 0 and 1");
  if (std::ranges::any_of(probabilities.data<float>(), [](float value) { return std::isnan(value); }))
    fail(ErrorKind::invalid_argument, "several labels: a probability is no number");
}

Ranked ranked(const Tensor& probabilities, const Tensor& truth, std::size_t k) {
  const auto width = static_cast<std::size_t>(truth.shape()[1]);
  Ranked answers;
  for (std::size_t at = k; at < truth.data<float>().size(); at += width)
    answers.emplace_back(probabilities.data<float>()[at], truth.data<float>()[at] == 1);
  std::ranges::stable_sort(answers, std::greater<>(), &Ranked::value_type::first);
  return answers;
}

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// The sum over the distinct probabilities of (recall - recall before) times precision.
double average_precision(const Ranked& answers, std::size_t positives) {
  double sum = 0;
  std::size_t found = 0, before = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    found += answers[i].second ? 1 : 0;
    if (i + 1 < answers.size() && answers[i + 1].first == answers[i].first) continue;
    sum += share(found - before, positives) * share(found, i + 1);
    before = found;
  }
  return sum;
}

/// A threshold between two neighbours: at the middle, but never so that the upper one falls below it.
double between(float upper, float lower) {
  const double middle = (static_cast<double>(upper) + static_cast<double>(lower)) / 2;
  return std::min(middle, static_cast<double>(upper));
}

double best_threshold(const Ranked& answers) {
  const auto positives =
      static_cast<std::size_t>(std::ranges::count(answers, true, &Ranked::value_type::second));
  if (positives < kFewestForThreshold || answers.size() - positives < kFewestForThreshold) return 0.5;
  double best = 0.5, highest = -1;
  std::size_t found = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    found += answers[i].second ? 1 : 0;
    if (i + 1 < answers.size() && answers[i + 1].first == answers[i].first) continue;
    const double f1 = share(2 * found, i + 1 + positives);
    const double threshold = between(answers[i].first, i + 1 < answers.size() ? answers[i + 1].first : 0.0F);
    const bool nearer = f1 == highest && std::abs(threshold - 0.5) < std::abs(best - 0.5);
    if (f1 < highest || (f1 == highest && !nearer)) continue;
    highest = f1;
    best = threshold;
  }
  return best;
}

}  // namespace

SeveralLabelsFigures several_labels_figures(const Tensor& probabilities, const Tensor& truth,
                                            const std::vector<double>& thresholds) {
  check(probabilities, truth);
  const auto width = static_cast<std::size_t>(truth.shape()[1]);
  if (thresholds.size() != width)
    fail(ErrorKind::shape_mismatch, "several labels: expected ", width, " thresholds, received ",
         thresholds.size());
  SeveralLabelsFigures all{.photos = static_cast<std::size_t>(truth.shape()[0])};
  std::vector<bool> exact(all.photos, true);
  std::size_t wrong = 0, right = 0, answers = 0, positives = 0, present = 0;
  for (std::size_t k = 0; k < width; ++k) {
    LabelFigures one;
    std::size_t found = 0;
    for (std::size_t row = 0; row < all.photos; ++row) {
      const bool has = truth.data<float>()[row * width + k] == 1;
      const bool given = static_cast<double>(probabilities.data<float>()[row * width + k]) >= thresholds[k];
      one.photos += has ? 1 : 0;
      one.answers += given ? 1 : 0;
      found += has && given ? 1 : 0;
      wrong += has != given ? 1 : 0;
      if (has != given) exact[row] = false;
    }
    one.precision = share(found, one.answers);
    one.recall = share(found, one.photos);
    one.f1 = share(2 * found, one.photos + one.answers);
    one.average_precision = average_precision(ranked(probabilities, truth, k), one.photos);
    right += found;
    answers += one.answers;
    positives += one.photos;
    present += one.photos > 0 ? 1 : 0;
    all.mean_average_precision += one.average_precision;
    all.f1_macro += one.f1;
    all.classes.push_back(one);
  }
  all.mean_average_precision /= static_cast<double>(std::max<std::size_t>(present, 1));
  all.f1_macro /= static_cast<double>(std::max<std::size_t>(width, 1));
  all.f1_micro = share(2 * right, positives + answers);
  all.exact_match = share(static_cast<std::size_t>(std::ranges::count(exact, true)), all.photos);
  all.hamming_loss = share(wrong, all.photos * width);
  return all;
}

std::vector<double> find_label_thresholds(const Tensor& probabilities, const Tensor& truth) {
  check(probabilities, truth);
  std::vector<double> thresholds;
  for (std::size_t k = 0; k < static_cast<std::size_t>(truth.shape()[1]); ++k)
    thresholds.push_back(best_threshold(ranked(probabilities, truth, k)));
  return thresholds;
}

Json to_json(const SeveralLabelsFigures& figures, const std::vector<std::string>& class_names) {
  Json classes = Json::array();
  for (std::size_t k = 0; k < figures.classes.size(); ++k) {
    const LabelFigures& one = figures.classes[k];
    classes.push_back({{"name", class_names.at(k)},
                       {"photos", one.photos},
                       {"answers", one.answers},
                       {"average_precision", one.average_precision},
                       {"precision", one.precision},
                       {"recall", one.recall},
                       {"f1", one.f1}});
  }
  return {{"photos", figures.photos},           {"mean_average_precision", figures.mean_average_precision},
          {"f1_micro", figures.f1_micro},       {"f1_macro", figures.f1_macro},
          {"exact_match", figures.exact_match}, {"hamming_loss", figures.hamming_loss},
          {"classes", std::move(classes)}};
}

}  // namespace graft::classify
