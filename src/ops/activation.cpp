// SPDX-License-Identifier: Apache-2.0
#include "graft/ops/activation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "graft/base/error.hpp"

namespace graft::ops {
namespace {

constexpr float kSeluScale = 1.05070098F;
constexpr float kSeluAlpha = 1.67326324F;

constexpr std::array kNames = {
    std::pair{std::string_view("linear"), ActivationKind::linear},
    std::pair{std::string_view("relu"), ActivationKind::relu},
    std::pair{std::string_view("sigmoid"), ActivationKind::sigmoid},
    std::pair{std::string_view("tanh"), ActivationKind::tanh},
    std::pair{std::string_view("silu"), ActivationKind::silu},
    std::pair{std::string_view("hard_sigmoid"), ActivationKind::hard_sigmoid},
    std::pair{std::string_view("hard_silu"), ActivationKind::hard_silu},
    std::pair{std::string_view("elu"), ActivationKind::elu},
    std::pair{std::string_view("selu"), ActivationKind::selu},
    std::pair{std::string_view("gelu"), ActivationKind::gelu},
    std::pair{std::string_view("softplus"), ActivationKind::softplus},
    std::pair{std::string_view("softsign"), ActivationKind::softsign},
    std::pair{std::string_view("exponential"), ActivationKind::exponential},
    std::pair{std::string_view("swish"), ActivationKind::silu},
    std::pair{std::string_view("hard_swish"), ActivationKind::hard_silu},
};

float logistic(float x) { return 1.0F / (1.0F + std::exp(-x)); }

float normal_density(float x) {
  return std::exp(-0.5F * x * x) * std::numbers::inv_sqrtpi_v<float> / std::numbers::sqrt2_v<float>;
}

float normal_distribution(float x) { return 0.5F * (1.0F + std::erf(x / std::numbers::sqrt2_v<float>)); }

float hard_sigmoid(float x) { return std::clamp(x / 6.0F + 0.5F, 0.0F, 1.0F); }

float relu(const Activation& a, float x) {
  if (x >= a.max_value) return a.max_value;
  return x >= a.threshold ? x : a.negative_slope * (x - a.threshold);
}

float relu_derivative(const Activation& a, float x) {
  if (x >= a.max_value) return 0;
  return x > a.threshold ? 1.0F : a.negative_slope;
}

}  // namespace

bool is_activation_name(std::string_view name) {
  return name == "relu6" ||
         std::any_of(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.first == name; });
}

Activation activation_from_name(std::string_view name) {
  if (name == "relu6") return {.kind = ActivationKind::relu, .max_value = 6};
  for (const auto& [known, kind] : kNames) {
    if (known == name) return {.kind = kind};
  }
  std::string all = "relu6";
  for (const auto& [known, kind] : kNames) all += ", " + std::string(known);
  fail(ErrorKind::invalid_argument, "activation '", name, "' is not known; known are ", all,
       " and, as a layer, softmax");
}

std::string activation_name(const Activation& activation) {
  if (activation.kind == ActivationKind::relu && activation.max_value == 6) return "relu6";
  for (const auto& [name, kind] : kNames) {
    if (kind == activation.kind) return std::string(name);
  }
  fail(ErrorKind::internal, "an activation without a name");
}

float activate(const Activation& a, float x) {
  switch (a.kind) {
    case ActivationKind::linear:
      return x;
    case ActivationKind::relu:
      return relu(a, x);
    case ActivationKind::sigmoid:
      return logistic(x);
    case ActivationKind::tanh:
      return std::tanh(x);
    case ActivationKind::silu:
      return x * logistic(x);
    case ActivationKind::hard_sigmoid:
      return hard_sigmoid(x);
    case ActivationKind::hard_silu:
      return x * hard_sigmoid(x);
    case ActivationKind::elu:
      return x > 0 ? x : std::expm1(x);
    case ActivationKind::selu:
      return kSeluScale * (x > 0 ? x : kSeluAlpha * std::expm1(x));
    case ActivationKind::gelu:
      return x * normal_distribution(x);
    case ActivationKind::softplus:
      return x > 20 ? x : std::log1p(std::exp(x));
    case ActivationKind::softsign:
      return x / (1.0F + std::abs(x));
    case ActivationKind::exponential:
      return std::exp(x);
  }
  return x;
}

float activation_derivative(const Activation& a, float x) {
  switch (a.kind) {
    case ActivationKind::linear:
      return 1;
    case ActivationKind::relu:
      return relu_derivative(a, x);
    case ActivationKind::sigmoid:
      return logistic(x) * (1.0F - logistic(x));
    case ActivationKind::tanh:
      return 1.0F - std::tanh(x) * std::tanh(x);
    case ActivationKind::silu:
      return logistic(x) * (1.0F + x * (1.0F - logistic(x)));
    case ActivationKind::hard_sigmoid:
      return x > -3 && x < 3 ? 1.0F / 6.0F : 0.0F;
    case ActivationKind::hard_silu:
      return x <= -3 ? 0.0F : (x >= 3 ? 1.0F : x / 3.0F + 0.5F);
    case ActivationKind::elu:
      return x > 0 ? 1.0F : std::exp(x);
    case ActivationKind::selu:
      return kSeluScale * (x > 0 ? 1.0F : kSeluAlpha * std::exp(x));
    case ActivationKind::gelu:
      return normal_distribution(x) + x * normal_density(x);
    case ActivationKind::softplus:
      return logistic(x);
    case ActivationKind::softsign:
      return 1.0F / ((1.0F + std::abs(x)) * (1.0F + std::abs(x)));
    case ActivationKind::exponential:
      return std::exp(x);
  }
  return 1;
}

bool derivative_from_output(const Activation& a) {
  switch (a.kind) {
    case ActivationKind::linear:
    case ActivationKind::sigmoid:
    case ActivationKind::tanh:
    case ActivationKind::hard_sigmoid:
    case ActivationKind::elu:
    case ActivationKind::selu:
    case ActivationKind::softplus:
    case ActivationKind::exponential:
      return true;
    case ActivationKind::relu:
      return a.negative_slope >= 0 && a.threshold == 0;
    default:
      return false;
  }
}

float activation_derivative_of_output(const Activation& a, float y) {
  switch (a.kind) {
    case ActivationKind::relu:
      return y >= a.max_value ? 0.0F : (y > 0 ? 1.0F : a.negative_slope);
    case ActivationKind::sigmoid:
      return y * (1.0F - y);
    case ActivationKind::tanh:
      return 1.0F - y * y;
    case ActivationKind::hard_sigmoid:
      return y > 0 && y < 1 ? 1.0F / 6.0F : 0.0F;
    case ActivationKind::elu:
      return y > 0 ? 1.0F : y + 1.0F;
    case ActivationKind::selu:
      return y > 0 ? kSeluScale : y + kSeluScale * kSeluAlpha;
    case ActivationKind::softplus:
      return 1.0F - std::exp(-y);
    case ActivationKind::exponential:
      return y;
    default:
      return 1;
  }
}

}  // namespace graft::ops
