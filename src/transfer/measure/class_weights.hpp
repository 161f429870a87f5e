// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "graft/recipes.hpp"

namespace graft {
inline namespace transfer {

/// What each class counts: 1, or N / (K n_k).
[[nodiscard]] std::vector<double> class_weights_of(std::span<const int> labels, std::size_t classes,
                                                   ClassWeight weight);
/// The same; empty for ClassWeight::none.
[[nodiscard]] std::vector<double> class_weights_or_none(std::span<const int> labels, std::size_t classes,
                                                        ClassWeight weight);
/// The same by class, as Keras's fit accepts them; empty: all classes have the same weight.
[[nodiscard]] std::map<int, double> fit_class_weights(std::span<const int> labels, std::size_t classes,
                                                      ClassWeight weight);
/// Weights class by class as Keras's fit accepts them.
[[nodiscard]] std::map<int, double> by_class(std::span<const double> weights);

}  // namespace transfer
}  // namespace graft
