// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "graft/extend/activation.hpp"

namespace graft::ops {

/// One activation: its name, its value and its derivative; slope_from_output is the derivative at the x for
/// which the value is y, null where y does not tell.
struct Formula {
  ActivationKind kind;
  std::string_view name;
  float (*value)(const Activation& a, float x);
  float (*slope)(const Activation& a, float x);
  float (*slope_from_output)(const Activation& a, float y);
};

/// All of them, in the order of ActivationKind.
[[nodiscard]] std::span<const Formula> formulas();
[[nodiscard]] inline const Formula& formula_of(const Activation& a) {
  return formulas()[static_cast<std::size_t>(a.kind)];
}

}  // namespace graft::ops
