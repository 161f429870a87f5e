// SPDX-License-Identifier: Apache-2.0
// A linear head for numbers: ridge regression on frozen features.
#pragma once

#include "transfer/frozen/choose_strength.hpp"

namespace graft {
inline namespace transfer {

/// Strengths are alphas in units of the solver's mean eigenvalue.
[[nodiscard]] HeadMethod numbers_method(const FrozenData& data);

/// A head, and its strength as scikit-learn's Ridge has it.
struct RidgeHead {
  LinearHead head;
  double alpha = 0;
};
/// The head of a strength on training and validation photos together.
[[nodiscard]] RidgeHead solve_numbers_on_all(const FrozenData& data, double strength);

/// Mean over the numbers of mean squared error / variance of the training photos' truth, so that all count
/// alike. Numbers that do not vary there are not divided.
[[nodiscard]] double numbers_loss(const Tensor& answers, const Tensor& truth, const Tensor& train_truth);

}  // namespace transfer
}  // namespace graft
