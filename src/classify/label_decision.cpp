// SPDX-License-Identifier: Apache-2.0
// Whether the labels of a photo are an answer, or unknown.
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/decision.hpp"

namespace graft::classify {
namespace {

bool is_given(float probability, double threshold) { return static_cast<double>(probability) >= threshold; }

void check_label_row(std::size_t probabilities, std::size_t labels) {
  if (probabilities == labels) return;
  fail(ErrorKind::shape_mismatch, "expected ", labels, " probabilities, one a label, received ",
       probabilities);
}

/// Whether a label that must not be missed is given: the photo is then never unknown.
bool has_wanted_label(std::span<const float> row, const DecisionRules& rules) {
  return std::ranges::any_of(rules.min_recall, [&](const RecallRule& rule) {
    return rule.index < row.size() && is_given(row[rule.index], rule.threshold);
  });
}

}  // namespace

LabelCertainty label_certainty(std::span<const float> probabilities, const std::vector<double>& thresholds) {
  check_label_row(probabilities.size(), thresholds.size());
  LabelCertainty certainty;
  double smallest = 2;
  for (std::size_t k = 0; k < thresholds.size(); ++k) {
    const auto p = static_cast<double>(probabilities[k]);
    const double factor = std::isnan(p) ? 0 : is_given(probabilities[k], thresholds[k]) ? p : 1 - p;
    certainty.probability *= factor;
    if (!(factor < smallest)) continue;
    smallest = factor;
    certainty.least = k;
  }
  return certainty;
}

bool labels_are_right(std::span<const float> probabilities, std::span<const float> truth,
                      const std::vector<double>& thresholds) {
  check_label_row(probabilities.size(), thresholds.size());
  check_label_row(truth.size(), thresholds.size());
  for (std::size_t k = 0; k < thresholds.size(); ++k) {
    if (is_given(probabilities[k], thresholds[k]) != (truth[k] == 1)) return false;
  }
  return true;
}

Decision decide_labels(std::span<const float> probabilities, const std::vector<std::string>& names,
                       const std::vector<double>& thresholds, const DecisionRules& rules) {
  check_label_row(probabilities.size(), names.size());
  const LabelCertainty certainty = label_certainty(probabilities, thresholds);
  const bool unknown = rules.reject_below && !(certainty.probability >= *rules.reject_below) &&
                       !has_wanted_label(probabilities, rules);
  if (!unknown) return {};
  return {.reason = cat("that all labels are right has a probability of ", percent(certainty.probability),
                        ", below ", percent(*rules.reject_below), "; the least certain is ",
                        names[certainty.least], ", ", percent(probabilities[certainty.least]))};
}

DecisionFigures label_decision_figures(const Tensor& probabilities, const Tensor& truth,
                                       const std::vector<double>& thresholds, const DecisionRules& rules) {
  if (probabilities.shape().rank() != 2 || probabilities.shape() != truth.shape()) {
    fail(ErrorKind::shape_mismatch, "several labels: expected probabilities and truth (N, K), received ",
         probabilities.shape(), " and ", truth.shape());
  }
  const auto width = static_cast<std::size_t>(truth.shape()[1]);
  DecisionFigures figures{.photos = static_cast<std::size_t>(truth.shape()[0])};
  for (std::size_t i = 0; i < figures.photos; ++i) {
    const auto row = probabilities.data<float>().subspan(i * width, width);
    const bool right = labels_are_right(row, truth.data<float>().subspan(i * width, width), thresholds);
    const bool answered = !rules.reject_below || has_wanted_label(row, rules) ||
                          label_certainty(row, thresholds).probability >= *rules.reject_below;
    figures.right += right ? 1 : 0;
    figures.answered += answered ? 1 : 0;
    figures.answered_right += answered && right ? 1 : 0;
  }
  return figures;
}

}  // namespace graft::classify
