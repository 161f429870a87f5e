// SPDX-License-Identifier: Apache-2.0
// Is one model better than another on the same photos, or is it chance?
#pragma once

#include <span>
#include <vector>

#include "graft/tensor.hpp"
#include "graft/transfer/logistic_head.hpp"

namespace graft {
inline namespace transfer {

/// Scores of a model's probabilities (n, K), float32, photo by photo.
[[nodiscard]] RowScores scores_of(const Tensor& probabilities, const std::vector<int>& labels);

/// Mean of -log of the right class's probability, with logits (n, K) divided by the temperature that other
/// photos of the same suggest: what calibration can mend does not count. Too few photos for that: as the
/// logits are. class_weights: what the photos of each class weigh; empty: all the same.
[[nodiscard]] double calibrated_loss(const Tensor& logits, const std::vector<int>& labels,
                                     std::span<const double> class_weights);

/// Is the mean of before - after, photo by photo, above zero by two standard errors? Few photos differ by
/// chance.
[[nodiscard]] bool clearly_lower(const std::vector<double>& before, const std::vector<double>& after);

/// Is the sum of after no larger than that of before?
[[nodiscard]] bool no_more(const std::vector<double>& before, const std::vector<double>& after);

/// Does after err no more often than before, and are its errors or its losses clearly lower?
[[nodiscard]] bool clearly_better(const RowScores& before, const RowScores& after);

}  // namespace transfer
}  // namespace graft
