// SPDX-License-Identifier: Apache-2.0
// Classical heads for several labels on a photo: one machine for each label, on frozen features.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "graft/recipes.hpp"

#include "transfer/frozen/choose_strength.hpp"

namespace graft {
inline namespace transfer {

/// Whether a kind has a machine for each label: logistic and linear_svm.
[[nodiscard]] bool has_label_machines(HeadKind kind);

/// Values of C to try for a kind, those that hold back most first; only `fixed` where it is given.
[[nodiscard]] std::vector<double> label_strengths(HeadKind kind, std::optional<double> fixed);

/// Strengths are scikit-learn's C: of LogisticRegression and LinearSVC, in OneVsRestClassifier. They are
/// compared by the log loss of all labels, calibrated with one temperature, as margins are no log-odds.
/// positive_weights: what photos that have a label count, one a label; empty: 1. strengths must outlive the
/// method.
[[nodiscard]] HeadMethod label_head_method(HeadKind kind, std::span<const double> strengths,
                                           const std::vector<double>& positive_weights);

/// The head of a C on training and validation photos together.
[[nodiscard]] LinearHead solve_label_head_on_all(const FrozenData& data, HeadKind kind,
                                                 const std::vector<double>& positive_weights, double c);

}  // namespace transfer
}  // namespace graft
