// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "graft/surgery.hpp"

#include "models/rebuild.hpp"

namespace graft {
inline namespace models {

/// What becomes of a weight that both layers of a pair have.
struct Fate {
  enum class Kind { carry, adapted, reset } kind = Kind::carry;
  std::string how;  ///< in words, for adapted and reset
};
/// carry: copied where the shapes are equal, else initialised again. adapted: the function filled `to`.
using AdaptWeight = std::function<Fate(const LayerPair& pair, const Variable& from, Variable& to)>;

/// Copies what the pairs of layers have in common, adapts what is left, and reports it.
/// edit: the report's first line.
[[nodiscard]] Edited carry_weights(const Model& original, const Rebuilt& rebuilt, const std::string& edit,
                                   const AdaptWeight& adapt = {});

}  // namespace models
}  // namespace graft
