// SPDX-License-Identifier: Apache-2.0
// From what a model returns to a probability for each class.
#include <algorithm>
#include <cmath>

#include "graft/classify/classifier_metadata.hpp"

namespace graft {
namespace {

/// Row by row from the model's output (N, K or 1) to probabilities (N, classes).
void row_probabilities(classify::OutputKind kind, std::span<const float> in, std::span<float> out) {
  using classify::OutputKind;
  if (in.size() == 1 && out.size() == 2) {
    const double p =
        kind == OutputKind::binary_logit ? 1 / (1 + std::exp(-static_cast<double>(in[0]))) : in[0];
    out[0] = static_cast<float>(1 - p);
    out[1] = static_cast<float>(p);
    return;
  }
  std::copy(in.begin(), in.end(), out.begin());
  if (kind != OutputKind::logits) return;
  const float largest = *std::max_element(out.begin(), out.end());
  double sum = 0;
  for (float& value : out) {
    value = std::exp(value - largest);
    sum += value;
  }
  for (float& value : out) value = static_cast<float>(value / sum);
}

}  // namespace

Tensor classify::to_probabilities(OutputKind kind, const Tensor& output, std::size_t classes) {
  const std::int64_t count = output.shape()[0];
  Tensor result({count, static_cast<std::int64_t>(classes)});
  if (count == 0) return result;
  const auto width = static_cast<std::size_t>(output.count() / count);
  for (std::size_t row = 0; row < static_cast<std::size_t>(count); ++row)
    row_probabilities(kind, output.data().subspan(row * width, width),
                      result.data().subspan(row * classes, classes));
  return result;
}

}  // namespace graft
