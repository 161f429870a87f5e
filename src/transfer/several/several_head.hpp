// SPDX-License-Identifier: Apache-2.0
// A sigmoid head for several labels on a photo: solved on frozen features, judged by photos that it has not
// seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "graft/train_facts.hpp"
#include "graft/transfer/logistic_head.hpp"

namespace graft {
inline namespace transfer {

class Reporter;

/// Photos as the head sees them.
struct SeveralData {
  Tensor train;             ///< (views n, D): features of n photos as they are, then view by view
  Tensor validation;        ///< (m, D)
  Tensor train_truth;       ///< (n, K): 1 where a photo has a label, else 0
  Tensor validation_truth;  ///< (m, K)
  std::vector<std::vector<std::size_t>> folds;  ///< of training photos; none: validation alone judges
  std::vector<double> positive_weights{};       ///< of the photos that have a label, one a class; empty: 1
  std::vector<float> photo_weights{};           ///< n + m; empty: all count the same
};

/// A strength and what heads of it made of photos that they had not seen.
struct SeveralChoice {
  double l2 = 0;
  double loss = 0;                    ///< of these answers: Keras's binary cross-entropy
  std::vector<std::size_t> answered;  ///< photos, training before validation
  std::vector<std::size_t> folds;     ///< of each answer, from 1; 0 for validation photos
  Tensor logits;                      ///< (answers, K)
  Tensor truth;                       ///< (answers, K)
  std::vector<TriedStrength> tried;
};

/// Tries strengths, the strongest first, and takes the one with the least loss.
[[nodiscard]] SeveralChoice choose_several_head(const SeveralData& data, Reporter& reporter,
                                                const std::string& stage);

/// The head of a strength on training and validation photos together.
[[nodiscard]] LinearHead solve_several_on_all(const SeveralData& data, double l2);

/// The same photos without further views.
[[nodiscard]] SeveralData plain_several(const SeveralData& data);

/// Keras's binary cross-entropy of logits (N, K): the mean over rows and classes.
[[nodiscard]] double several_loss(const Tensor& logits, const Tensor& truth);

/// 1 / (1 + exp(-logit)).
[[nodiscard]] Tensor sigmoid_of(const Tensor& logits);

}  // namespace transfer
}  // namespace graft
