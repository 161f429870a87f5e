// SPDX-License-Identifier: Apache-2.0
#include "transfer/measure/label_decisions.hpp"

#include <algorithm>
#include <cmath>

namespace graft::transfer {

Tensor truth_of(const std::vector<std::vector<int>>& label_sets, std::size_t classes) {
  Tensor truth({static_cast<std::int64_t>(label_sets.size()), static_cast<std::int64_t>(classes)});
  std::ranges::fill(truth.data<float>(), 0.0F);
  for (std::size_t i = 0; i < label_sets.size(); ++i) {
    for (const int label : label_sets[i])
      truth.data<float>()[i * classes + static_cast<std::size_t>(label)] = 1;
  }
  return truth;
}

double several_loss(const Tensor& logits, const Tensor& truth) {
  const auto z = logits.data<float>();
  const auto y = truth.data<float>();
  double sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double score = z[i];
    sum += std::max(score, 0.0) - score * y[i] + std::log1p(std::exp(-std::abs(score)));
  }
  return sum / static_cast<double>(std::max<std::size_t>(z.size(), 1));
}

Tensor sigmoid_of(const Tensor& logits, double temperature) {
  Tensor result = logits.clone();
  for (float& value : result.data<float>())
    value = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(value) / temperature)));
  return result;
}

Tensor logits_of_labels(const Tensor& probabilities) {
  constexpr double kLeastLabel = 1e-7;
  Tensor result = probabilities.clone();
  for (float& value : result.data<float>()) {
    const double p = std::clamp(static_cast<double>(value), kLeastLabel, 1 - kLeastLabel);
    value = static_cast<float>(std::log(p / (1 - p)));
  }
  return result;
}

LabelDecisions decisions_of(const Tensor& logits, const Tensor& truth) {
  const auto z = logits.data<float>();
  const auto y = truth.data<float>();
  LabelDecisions decisions{.logits = Tensor({static_cast<std::int64_t>(z.size()), 2}), .truth = {}};
  const auto out = decisions.logits.data<float>();
  for (std::size_t i = 0; i < z.size(); ++i) {
    out[2 * i] = 0;
    out[2 * i + 1] = z[i];
    decisions.truth.push_back(y[i] == 1 ? 1 : 0);
  }
  return decisions;
}

classify::Calibration calibrate_labels(const Tensor& logits, const Tensor& truth) {
  const auto photos = static_cast<std::size_t>(logits.shape()[0]);
  if (photos < classify::kFewestToCalibrate) return {.photos = photos};
  const LabelDecisions decisions = decisions_of(logits, truth);
  classify::Calibration found = classify::find_calibration(decisions.logits, decisions.truth);
  found.photos = photos;
  return found;
}

}  // namespace graft::transfer
