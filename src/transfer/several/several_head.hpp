// SPDX-License-Identifier: Apache-2.0
// A sigmoid head for several labels on a photo: logistic regression class by class on frozen features.
#pragma once

#include <vector>

#include "transfer/frozen/choose_strength.hpp"

namespace graft {
inline namespace transfer {

/// Strengths are LogisticSolver's L2. positive_weights: what photos that have a label count, one a class;
/// empty: 1.
[[nodiscard]] HeadMethod several_method(const std::vector<double>& positive_weights);

/// The head of a strength on training and validation photos together.
[[nodiscard]] LinearHead solve_several_on_all(const FrozenData& data,
                                              const std::vector<double>& positive_weights, double l2);

}  // namespace transfer
}  // namespace graft
