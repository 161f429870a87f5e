// SPDX-License-Identifier: Apache-2.0
#include "transfer/comparison.hpp"

#include <algorithm>
#include <cmath>

namespace graft::transfer {
namespace {

constexpr double kCertainty = 2;  // standard errors

}  // namespace

std::vector<double> losses_of(const Tensor& probabilities, const std::vector<int>& labels) {
  const auto classes = static_cast<std::size_t>(probabilities.shape()[1]);
  std::vector<double> losses;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const float p = probabilities.data<float>()[i * classes + static_cast<std::size_t>(labels[i])];
    losses.push_back(-std::log(std::max(static_cast<double>(p), 1e-7)));
  }
  return losses;
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

}  // namespace graft::transfer
