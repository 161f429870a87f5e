// SPDX-License-Identifier: Apache-2.0
#include "ops/activation_formulas.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace graft::ops {
namespace {

using A = const Activation&;
using Kind = ActivationKind;

// Klambauer et al., Self-Normalizing Neural Networks, 2017.
constexpr float kSeluScale = 1.05070098F;
constexpr float kSeluAlpha = 1.67326324F;
// Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.
constexpr float kGeluCubic = 0.044715F;
constexpr float kSqrtTwoOverPi = std::numbers::sqrt2_v<float> * std::numbers::inv_sqrtpi_v<float>;
constexpr float kShrink = 0.5F;  // the threshold of Keras's shrinking functions

float logistic(float x) { return 1.0F / (1.0F + std::exp(-x)); }
float softplus(float x) { return x > 20 ? x : std::log1p(std::exp(x)); }
float normal_density(float x) {
  return std::exp(-0.5F * x * x) * std::numbers::inv_sqrtpi_v<float> / std::numbers::sqrt2_v<float>;
}
float normal_distribution(float x) { return 0.5F * (1.0F + std::erf(x / std::numbers::sqrt2_v<float>)); }
float hard_sigmoid(float x) { return std::clamp(x / 6.0F + 0.5F, 0.0F, 1.0F); }

float relu(A a, float x) {
  if (x >= a.max_value) return a.max_value;
  return x >= a.threshold ? x : a.negative_slope * (x - a.threshold);
}
float relu_slope(A a, float x) {
  if (x >= a.max_value) return 0;
  return x > a.threshold ? 1.0F : a.negative_slope;
}
float relu_slope_from_output(A a, float y) {
  return y >= a.max_value ? 0.0F : (y > 0 ? 1.0F : a.negative_slope);
}

float silu_slope(A, float x) { return logistic(x) * (1.0F + x * (1.0F - logistic(x))); }
float hard_silu_slope(A, float x) { return x <= -3 ? 0.0F : (x >= 3 ? 1.0F : x / 3.0F + 0.5F); }

float gelu_tanh_inner(float x) { return std::tanh(kSqrtTwoOverPi * (x + kGeluCubic * x * x * x)); }
float gelu_tanh_slope(A, float x) {
  const float t = gelu_tanh_inner(x);
  return 0.5F * (1.0F + t) + 0.5F * x * (1.0F - t * t) * kSqrtTwoOverPi * (1.0F + 3.0F * kGeluCubic * x * x);
}

float softsign_slope(A, float x) { return 1.0F / ((1.0F + std::abs(x)) * (1.0F + std::abs(x))); }
float mish_slope(A, float x) {
  const float t = std::tanh(softplus(x));
  return t + x * (1.0F - t * t) * logistic(x);
}
float tanh_slope(A, float x) { return 1.0F - std::tanh(x) * std::tanh(x); }

float soft_shrink(A, float x) { return std::abs(x) > kShrink ? x - std::copysign(kShrink, x) : 0.0F; }
float hard_shrink(A, float x) { return std::abs(x) > kShrink ? x : 0.0F; }
float shrink_slope(A, float x) { return std::abs(x) > kShrink ? 1.0F : 0.0F; }
float sparse_plus(A, float x) { return x <= -1 ? 0.0F : (x >= 1 ? x : 0.25F * (x + 1) * (x + 1)); }
float sparse_sigmoid(A, float x) { return std::clamp(0.5F * (x + 1), 0.0F, 1.0F); }

constexpr std::array kFormulas = {
    Formula{Kind::linear, "linear", [](A, float x) { return x; }, [](A, float) { return 1.0F; },
            [](A, float) { return 1.0F; }},
    Formula{Kind::relu, "relu", relu, relu_slope, relu_slope_from_output},
    Formula{Kind::sigmoid, "sigmoid", [](A, float x) { return logistic(x); },
            [](A, float x) { return logistic(x) * (1.0F - logistic(x)); },
            [](A, float y) { return y * (1.0F - y); }},
    Formula{Kind::tanh, "tanh", [](A, float x) { return std::tanh(x); }, tanh_slope,
            [](A, float y) { return 1.0F - y * y; }},
    Formula{Kind::silu, "silu", [](A, float x) { return x * logistic(x); }, silu_slope, nullptr},
    Formula{Kind::hard_sigmoid, "hard_sigmoid", [](A, float x) { return hard_sigmoid(x); },
            [](A, float x) { return x > -3 && x < 3 ? 1.0F / 6.0F : 0.0F; },
            [](A, float y) { return y > 0 && y < 1 ? 1.0F / 6.0F : 0.0F; }},
    Formula{Kind::hard_silu, "hard_silu", [](A, float x) { return x * hard_sigmoid(x); }, hard_silu_slope,
            nullptr},
    Formula{Kind::elu, "elu", [](A a, float x) { return x > 0 ? x : a.alpha * std::expm1(x); },
            [](A a, float x) { return x > 0 ? 1.0F : a.alpha * std::exp(x); },
            [](A a, float y) { return y > 0 ? 1.0F : y + a.alpha; }},
    Formula{Kind::selu, "selu",
            [](A, float x) { return kSeluScale * (x > 0 ? x : kSeluAlpha * std::expm1(x)); },
            [](A, float x) { return kSeluScale * (x > 0 ? 1.0F : kSeluAlpha * std::exp(x)); },
            [](A, float y) { return y > 0 ? kSeluScale : y + kSeluScale * kSeluAlpha; }},
    Formula{Kind::gelu, "gelu", [](A, float x) { return x * normal_distribution(x); },
            [](A, float x) { return normal_distribution(x) + x * normal_density(x); }, nullptr},
    Formula{Kind::gelu_tanh, "gelu_tanh", [](A, float x) { return 0.5F * x * (1.0F + gelu_tanh_inner(x)); },
            gelu_tanh_slope, nullptr},
    Formula{Kind::softplus, "softplus", [](A, float x) { return softplus(x); },
            [](A, float x) { return logistic(x); }, [](A, float y) { return 1.0F - std::exp(-y); }},
    Formula{Kind::softsign, "softsign", [](A, float x) { return x / (1.0F + std::abs(x)); }, softsign_slope,
            nullptr},
    Formula{Kind::exponential, "exponential", [](A, float x) { return std::exp(x); },
            [](A, float x) { return std::exp(x); }, [](A, float y) { return y; }},
    Formula{Kind::mish, "mish", [](A, float x) { return x * std::tanh(softplus(x)); }, mish_slope, nullptr},
    Formula{Kind::log_sigmoid, "log_sigmoid", [](A, float x) { return -softplus(-x); },
            [](A, float x) { return logistic(-x); }, [](A, float y) { return 1.0F - std::exp(y); }},
    Formula{Kind::hard_tanh, "hard_tanh", [](A, float x) { return std::clamp(x, -1.0F, 1.0F); },
            [](A, float x) { return x > -1 && x < 1 ? 1.0F : 0.0F; },
            [](A, float y) { return y > -1 && y < 1 ? 1.0F : 0.0F; }},
    Formula{Kind::tanh_shrink, "tanh_shrink", [](A, float x) { return x - std::tanh(x); },
            [](A, float x) { return std::tanh(x) * std::tanh(x); }, nullptr},
    Formula{Kind::soft_shrink, "soft_shrink", soft_shrink, shrink_slope,
            [](A, float y) { return y != 0 ? 1.0F : 0.0F; }},
    Formula{Kind::hard_shrink, "hard_shrink", hard_shrink, shrink_slope,
            [](A, float y) { return y != 0 ? 1.0F : 0.0F; }},
    Formula{Kind::squareplus, "squareplus", [](A, float x) { return 0.5F * (x + std::sqrt(x * x + 4.0F)); },
            [](A, float x) { return 0.5F * (1.0F + x / std::sqrt(x * x + 4.0F)); }, nullptr},
    Formula{Kind::sparse_plus, "sparse_plus", sparse_plus,
            [](A, float x) { return std::clamp(0.5F * (x + 1), 0.0F, 1.0F); }, nullptr},
    Formula{Kind::sparse_sigmoid, "sparse_sigmoid", sparse_sigmoid,
            [](A, float x) { return x > -1 && x < 1 ? 0.5F : 0.0F; },
            [](A, float y) { return y > 0 && y < 1 ? 0.5F : 0.0F; }},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kFormulas.size(); ++i) {
    if (static_cast<std::size_t>(kFormulas.at(i).kind) != i) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const Formula> formulas() { return kFormulas; }

}  // namespace graft::ops
