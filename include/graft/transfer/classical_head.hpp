// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "graft/transfer/heads.hpp"

#pragma GCC visibility push(default)

namespace graft::transfer {

/// A classical head on features of the frozen base.
struct ClassicalHeadRecipe {
  /// One kind: its settings are chosen by cross-validation on the training photos. Several: the kinds are
  /// compared as well. Empty: all kinds.
  std::vector<HeadKind> kinds{};
  std::optional<double> c{}, gamma{};            ///< fixed rather than chosen
  std::optional<std::int64_t> neighbours{};      ///< fixed rather than chosen
  std::size_t folds = 5;                         ///< of the cross-validation
  ClassWeight class_weight = ClassWeight::none;  ///< of logistic, linear_svm and rbf_svm; others refuse it
};

}  // namespace graft::transfer

#pragma GCC visibility pop
