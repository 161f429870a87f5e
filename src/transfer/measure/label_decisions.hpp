// SPDX-License-Identifier: Apache-2.0
// Several labels a photo as numbers: truth, logits and probabilities, and each label as a decision of its
// own.
#pragma once

#include <cstddef>
#include <vector>

#include "graft/evaluation.hpp"
#include "graft/tensor.hpp"

namespace graft {
inline namespace transfer {

/// float32 (N, classes): 1 for each label of a photo.
[[nodiscard]] Tensor truth_of(const std::vector<std::vector<int>>& label_sets, std::size_t classes);

/// Keras's binary cross-entropy of logits (N, K): the mean over rows and classes.
[[nodiscard]] double several_loss(const Tensor& logits, const Tensor& truth);

/// 1 / (1 + exp(-logit / temperature)).
[[nodiscard]] Tensor sigmoid_of(const Tensor& logits, double temperature = 1);
/// The other way round, probabilities bounded as in Keras's cross-entropy.
[[nodiscard]] Tensor logits_of_labels(const Tensor& probabilities);

/// Whether a photo has a label, as a choice of two classes.
struct LabelDecisions {
  Tensor logits;           ///< (N K, 2): 0 for not having it, and the label's logit
  std::vector<int> truth;  ///< 1: it has the label
};
/// Of logits and truth (N, K), photo by photo.
[[nodiscard]] LabelDecisions decisions_of(const Tensor& logits, const Tensor& truth);

/// One temperature for all labels, by which logits are divided: find_calibration() of the decisions. photos:
/// the number of photos, not of decisions. With fewer than kFewestToCalibrate photos it is 1.
[[nodiscard]] classify::Calibration calibrate_labels(const Tensor& logits, const Tensor& truth);

}  // namespace transfer
}  // namespace graft
