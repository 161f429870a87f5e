// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>
#include <cstdint>

#include "graft/base/target_clones.hpp"

#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/swish.hpp"

namespace graft::kernels::vectors {
namespace {

using ops::Activation;
using ops::ActivationKind;

/// exp(x) without a branch, so that loops vectorise: 2^n exp(r) with r in [-ln 2 / 2, ln 2 / 2] by its Taylor
/// polynomial; relative error below 3e-7. Not a number stays so.
[[gnu::always_inline]] inline float fast_exp(float x) {
  constexpr float kRounder = 12582912.0F;  // 1.5 2^23: adding it rounds to a whole number
  float clipped = x > 88.0F ? 88.0F : x;
  clipped = clipped < -87.0F ? -87.0F : clipped;
  const float shifted = clipped * 1.44269504F + kRounder;
  const float n = shifted - kRounder;
  float r = clipped - n * 0.693359375F;
  r = r + n * 2.12194440e-4F;
  float p = 1.0F / 5040.0F;
  p = p * r + 1.0F / 720.0F;
  p = p * r + 1.0F / 120.0F;
  p = p * r + 1.0F / 24.0F;
  p = p * r + 1.0F / 6.0F;
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  // The lowest bits of `shifted` are n; 2^n is n + 127 in the exponent's place.
  const std::uint32_t exponent = (std::bit_cast<std::uint32_t>(shifted) + 127U) << 23U;
  return p * std::bit_cast<float>(exponent);
}

[[gnu::always_inline]] inline float fast_logistic(float x) { return 1.0F / (1.0F + fast_exp(-x)); }

GRAFT_CLONES void copy(const float* x, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = x[i];
}

// The comparisons keep NaN, as the formula does.
GRAFT_CLONES void clip(const float* x, float* y, std::size_t count, float high) {
  for (std::size_t i = 0; i < count; ++i) {
    const float above = 0.0F > x[i] ? 0.0F : x[i];
    y[i] = high < above ? high : above;
  }
}

GRAFT_CLONES void relu(const float* x, float* y, std::size_t count, const Activation& a) {
  const float slope = a.negative_slope;
  const float threshold = a.threshold;
  const float high = a.max_value;
  for (std::size_t i = 0; i < count; ++i) {
    const float value = x[i];
    const float below = slope * (value - threshold);
    const float result = value >= threshold ? value : below;
    y[i] = value >= high ? high : result;
  }
}

GRAFT_CLONES void sigmoid(const float* x, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = fast_logistic(x[i]);
}

GRAFT_CLONES void silu(const float* x, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = x[i] * fast_logistic(x[i]);
}

GRAFT_CLONES void hard_silu(const float* x, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    float gate = x[i] / 6.0F + 0.5F;
    gate = gate < 0.0F ? 0.0F : gate;
    gate = gate > 1.0F ? 1.0F : gate;
    y[i] = x[i] * gate;
  }
}

GRAFT_CLONES void relu_backward(const float* y, const float* dy, float* dx, std::size_t count,
                                const Activation& a) {
  const float slope = a.negative_slope;
  const float high = a.max_value;
  for (std::size_t i = 0; i < count; ++i) {
    const float value = y[i];
    const float inner = value > 0.0F ? 1.0F : slope;
    dx[i] = dy[i] * (value >= high ? 0.0F : inner);
  }
}

GRAFT_CLONES void sigmoid_backward(const float* y, const float* dy, float* dx, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) dx[i] = dy[i] * (y[i] * (1.0F - y[i]));
}

GRAFT_CLONES void tanh_backward(const float* y, const float* dy, float* dx, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) dx[i] = dy[i] * (1.0F - y[i] * y[i]);
}

GRAFT_CLONES void silu_backward(const float* x, const float* dy, float* dx, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float gate = fast_logistic(x[i]);
    dx[i] = dy[i] * (gate * (1.0F + x[i] * (1.0F - gate)));
  }
}

GRAFT_CLONES void hard_silu_backward(const float* x, const float* dy, float* dx, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    float slope = x[i] / 3.0F + 0.5F;
    slope = x[i] <= -3.0F ? 0.0F : slope;
    slope = x[i] >= 3.0F ? 1.0F : slope;
    dx[i] = dy[i] * slope;
  }
}

}  // namespace

bool only_clips(const Activation& a) {
  return a.is_linear() ||
         (a.kind == ActivationKind::relu && a.negative_slope == 0 && a.threshold == 0 && a.max_value > 0);
}

void activate_block(const Activation& a, const float* x, float* y, std::size_t count) {
  switch (a.kind) {
    case ActivationKind::linear:
      if (x != y) copy(x, y, count);
      return;
    case ActivationKind::relu:
      if (a.negative_slope == 0 && a.threshold == 0 && a.max_value >= 0)
        return clip(x, y, count, a.max_value);
      return relu(x, y, count, a);
    case ActivationKind::sigmoid:
      return sigmoid(x, y, count);
    case ActivationKind::silu:
      return has_fast_swish(a) ? swish(x, y, count) : silu(x, y, count);
    case ActivationKind::hard_silu:
      return hard_silu(x, y, count);
    default:
      for (std::size_t i = 0; i < count; ++i) y[i] = ops::activate(a, x[i]);
  }
}

void activation_backward_block(const Activation& a, const float* from, const float* dy, float* dx,
                               std::size_t count) {
  const bool from_output = ops::derivative_from_output(a);
  if (a.kind == ActivationKind::relu && from_output) return relu_backward(from, dy, dx, count, a);
  switch (a.kind) {
    case ActivationKind::linear:
      if (dy != dx) copy(dy, dx, count);
      return;
    case ActivationKind::sigmoid:
      return sigmoid_backward(from, dy, dx, count);
    case ActivationKind::tanh:
      return tanh_backward(from, dy, dx, count);
    case ActivationKind::silu:
      return silu_backward(from, dy, dx, count);
    case ActivationKind::hard_silu:
      return hard_silu_backward(from, dy, dx, count);
    default:
      break;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const float slope = from_output ? ops::activation_derivative_of_output(a, from[i])
                                    : ops::activation_derivative(a, from[i]);
    dx[i] = dy[i] * slope;
  }
}

}  // namespace graft::kernels::vectors
