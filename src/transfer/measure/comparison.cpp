// SPDX-License-Identifier: Apache-2.0
#include "transfer/measure/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/classify/logits.hpp"
#include "graft/evaluation.hpp"

namespace graft::transfer {
namespace {

constexpr double kCertainty = 2;  // standard errors

double weighted_mean(const std::vector<double>& values, const std::vector<int>& labels,
                     std::span<const double> class_weights) {
  double sum = 0;
  double weight = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double w = class_weights.empty() ? 1 : class_weights[static_cast<std::size_t>(labels[i])];
    sum += w * values[i];
    weight += w;
  }
  return sum / std::max(weight, 1e-9);
}

}  // namespace

RowScores scores_of(const Tensor& probabilities, const std::vector<int>& labels) {
  const auto classes = static_cast<std::size_t>(probabilities.shape()[1]);
  RowScores scores;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = probabilities.data().subspan(i * classes, classes);
    const auto right = static_cast<std::size_t>(labels[i]);
    scores.losses.push_back(-std::log(std::max(static_cast<double>(row[right]), 1e-7)));
    const auto largest = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
    scores.wrong.push_back(largest == right ? 0 : 1);
  }
  return scores;
}

double calibrated_loss(const Tensor& logits, const std::vector<int>& labels,
                       std::span<const double> class_weights) {
  const double plain = weighted_mean(score_logits(logits, labels).losses, labels, class_weights);
  if (labels.size() < classify::kFewestToCalibrate) return plain;
  const RowScores calibrated = scores_of(classify::softened_by_others(logits, labels), labels);
  return std::min(plain, weighted_mean(calibrated.losses, labels, class_weights));
}

bool clearly_lower(const std::vector<double>& before, const std::vector<double>& after) {
  const auto n = static_cast<double>(before.size());
  double sum = 0;
  double square = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double gain = before[i] - after[i];
    sum += gain;
    square += gain * gain;
  }
  const double mean = sum / n;
  const double deviation = std::sqrt(std::max(square / n - mean * mean, 0.0) / std::max(n - 1, 1.0));
  return mean > kCertainty * deviation;
}

bool no_more(const std::vector<double>& before, const std::vector<double>& after) {
  return std::accumulate(after.begin(), after.end(), 0.0) <=
         std::accumulate(before.begin(), before.end(), 0.0);
}

bool clearly_better(const RowScores& before, const RowScores& after) {
  return no_more(before.wrong, after.wrong) &&
         (clearly_lower(before.losses, after.losses) || clearly_lower(before.wrong, after.wrong));
}

}  // namespace graft::transfer
