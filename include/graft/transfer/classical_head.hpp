// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "graft/transfer/heads.hpp"

#pragma GCC visibility push(default)

namespace graft::transfer {

/// Which classical head train() puts on the frozen base.
struct ClassicalHead {
  /// Empty: the recipe's own head. One: that one, its settings chosen by cross-validation on the training
  /// photos. Several: compared with one another as well.
  std::vector<HeadKind> kinds;
  std::optional<double> c, gamma;          ///< fixed rather than chosen
  std::optional<std::int64_t> neighbours;  ///< fixed rather than chosen
  std::size_t folds = 5;                   ///< of that cross-validation
  /// Of the heads logistic, linear_svm and rbf_svm, and of the tutorial recipe; others refuse it.
  ClassWeight class_weight = ClassWeight::none;
};

}  // namespace graft::transfer

#pragma GCC visibility pop
