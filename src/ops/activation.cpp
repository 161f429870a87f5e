// SPDX-License-Identifier: Apache-2.0
#include "graft/extend/activation.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "graft/base/fail.hpp"

#include "ops/activation_formulas.hpp"

namespace graft::ops {
namespace {

/// Names that stand for another function, or for one with parameters.
struct Alias {
  std::string_view name;
  Activation activation;
};

constexpr std::array kAliases = {
    Alias{"relu6", {.kind = ActivationKind::relu, .max_value = 6}},
    Alias{"leaky_relu", {.kind = ActivationKind::relu, .negative_slope = 0.2F}},
    Alias{"swish", {.kind = ActivationKind::silu}},
    Alias{"hard_swish", {.kind = ActivationKind::hard_silu}},
    Alias{"celu", {.kind = ActivationKind::elu}},
};

}  // namespace

bool is_activation_name(std::string_view name) {
  return std::ranges::any_of(formulas(), [&](const Formula& f) { return f.name == name; }) ||
         std::ranges::any_of(kAliases, [&](const Alias& alias) { return alias.name == name; });
}

Activation activation_from_name(std::string_view name) {
  for (const Alias& alias : kAliases) {
    if (alias.name == name) return alias.activation;
  }
  std::string all;
  for (const Formula& formula : formulas()) {
    if (formula.name == name) return {.kind = formula.kind};
    all += std::string(formula.name) + ", ";
  }
  for (const Alias& alias : kAliases) all += std::string(alias.name) + ", ";
  fail(ErrorKind::invalid_argument, "activation '", name, "' is not known; known are ", all,
       "and, as a layer, softmax");
}

std::string activation_name(const Activation& activation) {
  for (const Alias& alias : kAliases) {
    const bool has_parameters = alias.activation != Activation{.kind = alias.activation.kind};
    if (has_parameters && alias.activation == activation) return std::string(alias.name);
  }
  return std::string(formula_of(activation).name);
}

float activate(const Activation& a, float x) { return formula_of(a).value(a, x); }

float activation_derivative(const Activation& a, float x) { return formula_of(a).slope(a, x); }

bool derivative_from_output(const Activation& a) {
  // With a negative slope or alpha, two inputs of different slopes have one output.
  if (a.kind == ActivationKind::relu) return a.negative_slope >= 0 && a.threshold == 0;
  if (a.kind == ActivationKind::elu) return a.alpha >= 0;
  return formula_of(a).slope_from_output != nullptr;
}

float activation_derivative_of_output(const Activation& a, float y) {
  return formula_of(a).slope_from_output(a, y);
}

}  // namespace graft::ops
