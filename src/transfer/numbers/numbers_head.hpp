// SPDX-License-Identifier: Apache-2.0
// A linear head for numbers: solved on frozen features, judged by photos that it has not seen.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "graft/train_facts.hpp"
#include "graft/transfer/logistic_head.hpp"

namespace graft {
inline namespace transfer {

class Reporter;

/// Photos as the head sees them.
struct NumbersData {
  Tensor train;             ///< (views n, D): features of n photos as they are, then view by view
  Tensor validation;        ///< (m, D)
  Tensor train_truth;       ///< (n, K)
  Tensor validation_truth;  ///< (m, K)
  std::vector<std::vector<std::size_t>> folds;  ///< of training photos; none: validation alone judges
  std::vector<float> photo_weights{};           ///< n + m; empty: all count the same
};

/// A strength and what heads of it made of photos that they had not seen.
struct NumbersChoice {
  double strength = 0;                ///< alpha in units of the solver's mean eigenvalue
  double loss = 0;                    ///< of these answers: numbers_loss()
  std::vector<std::size_t> answered;  ///< photos, training before validation
  std::vector<std::size_t> folds;     ///< of each answer, from 1; 0 for validation photos
  Tensor answers;                     ///< (answers, K)
  Tensor truth;                       ///< (answers, K)
  std::vector<TriedStrength> tried;
};

/// Tries strengths, the strongest first, and takes the one with the least loss.
[[nodiscard]] NumbersChoice choose_numbers_head(const NumbersData& data, Reporter& reporter,
                                                const std::string& stage);

/// A head, and its strength as scikit-learn's Ridge has it.
struct RidgeHead {
  LinearHead head;
  double alpha = 0;
};
/// The head of a strength on training and validation photos together.
[[nodiscard]] RidgeHead solve_numbers_on_all(const NumbersData& data, double strength);

/// The same photos without further views.
[[nodiscard]] NumbersData plain_numbers(const NumbersData& data);

/// Mean over the numbers of mean squared error / variance of the training photos' truth, so that all count
/// alike. Numbers that do not vary there are not divided.
[[nodiscard]] double numbers_loss(const Tensor& answers, const Tensor& truth, const Tensor& train_truth);

}  // namespace transfer
}  // namespace graft
