// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "data/resize/resize_internal.hpp"

namespace graft::data {
namespace {

float triangle(float x) { return x < 1.0F ? 1.0F - x : 0.0F; }

/// Keys' cubic convolution kernel with a = -0.5.
float keys_cubic(float x) {
  if (x >= 2.0F) return 0.0F;
  if (x >= 1.0F) return ((-0.5F * x + 2.5F) * x - 4.0F) * x + 2.0F;
  return (1.5F * x - 2.5F) * x * x + 1.0F;
}

/// Mitchell and Netravali's cubic with B = C = 1/3.
float mitchell_cubic(float x) {
  if (x >= 2.0F) return 0.0F;
  if (x >= 1.0F) return ((-7.0F / 18.0F * x + 2.0F) * x - 10.0F / 3.0F) * x + 16.0F / 9.0F;
  return (7.0F / 6.0F * x - 2.0F) * x * x + 8.0F / 9.0F;
}

float lanczos(float x, float radius) {
  constexpr float kPi = std::numbers::pi_v<float>;
  if (x > radius) return 0.0F;
  if (x <= 1e-3F) return 1.0F;
  return radius * std::sin(kPi * x) * std::sin(kPi * x / radius) / (kPi * kPi * x * x);
}

/// Radius 1.5, standard deviation a third of it.
float gaussian(float x) { return x >= 1.5F ? 0.0F : std::exp(-x * x / (2.0F * 0.5F * 0.5F)); }

struct Kernel {
  float radius;
  float (*value)(float distance);
};

Kernel kernel_of(ResizeMethod interpolation) {
  switch (interpolation) {
    case ResizeMethod::bicubic:
      return {2.0F, keys_cubic};
    case ResizeMethod::lanczos3:
      return {3.0F, [](float x) { return lanczos(x, 3.0F); }};
    case ResizeMethod::lanczos5:
      return {5.0F, [](float x) { return lanczos(x, 5.0F); }};
    case ResizeMethod::gaussian:
      return {1.5F, gaussian};
    case ResizeMethod::mitchellcubic:
      return {2.0F, mitchell_cubic};
    default:
      return {1.0F, triangle};
  }
}

/// Adds taps for the next output, divided by their sum.
void push_normalised(Taps& taps, std::int64_t first, const std::vector<float>& weights) {
  float total = 0.0F;
  for (const float weight : weights) total += weight;
  const bool usable = std::abs(total) >= 1000.0F * std::numeric_limits<float>::min();
  taps.spans.push_back(
      {.first = first, .offset = taps.weights.size(), .count = static_cast<std::int64_t>(weights.size())});
  for (const float weight : weights) taps.weights.push_back(usable ? weight * (1.0F / total) : 0.0F);
}

/// A kernel laid over the input at each output's place, widened by the factor of shrinking when antialias is
/// on.
Taps kernel_taps(const Kernel& kernel, bool antialias, std::int64_t in, std::int64_t out) {
  const float step = 1.0F / (static_cast<float>(out) / static_cast<float>(in));
  const float widening = antialias ? std::max(step, 1.0F) : 1.0F;
  const float reach = kernel.radius * widening;
  Taps taps;
  std::vector<float> weights;
  for (std::int64_t i = 0; i < out; ++i) {
    const float center = (static_cast<float>(i) + 0.5F) * step;
    const auto first = std::clamp<std::int64_t>(std::llround(std::ceil(center - reach - 0.5F)), 0, in - 1);
    const auto last = std::clamp<std::int64_t>(std::llround(std::floor(center + reach - 0.5F)), 0, in - 1);
    weights.clear();
    for (std::int64_t k = first; k <= last; ++k) {
      const float distance = std::abs(static_cast<float>(k) + 0.5F - center);
      weights.push_back(kernel.value(distance * (1.0F / widening)));
    }
    push_normalised(taps, first, weights);
  }
  return taps;
}

/// Bicubic without antialias: TensorFlow reads the kernel from a table of 1024 steps; taps outside the
/// picture weigh nothing.
Taps bicubic_taps(std::int64_t in, std::int64_t out) {
  constexpr float kSteps = 1024.0F;
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  Taps taps;
  std::vector<float> weights;
  for (std::int64_t i = 0; i < out; ++i) {
    const float place = (static_cast<float>(i) + 0.5F) * scale - 0.5F;
    const float below = std::floor(place);
    const auto base = static_cast<std::int64_t>(below);
    const float part = std::nearbyint((place - below) * kSteps) / kSteps;
    const std::array<float, 4> all{keys_cubic(1.0F + part), keys_cubic(part), keys_cubic(1.0F - part),
                                   keys_cubic(2.0F - part)};
    const std::int64_t first = std::max<std::int64_t>(base - 1, 0);
    const std::int64_t last = std::min(base + 2, in - 1);
    weights.clear();
    for (std::int64_t k = first; k <= last; ++k)
      weights.push_back(all[static_cast<std::size_t>(k - base + 1)]);
    push_normalised(taps, first, weights);
  }
  return taps;
}

/// Each output is the mean of the input that it covers; input on the edge counts by the part covered.
Taps area_taps(std::int64_t in, std::int64_t out) {
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  Taps taps;
  std::vector<float> weights;
  for (std::int64_t i = 0; i < out; ++i) {
    const float begin = static_cast<float>(i) * scale;
    const float end = static_cast<float>(i + 1) * scale;
    const auto first = std::min(static_cast<std::int64_t>(std::floor(begin)), in - 1);
    const auto last = std::max(std::min(static_cast<std::int64_t>(std::ceil(end)), in), first + 1);
    weights.clear();
    for (std::int64_t k = first; k < last; ++k) {
      const auto cell = static_cast<float>(k);
      weights.push_back(std::min(cell + 1.0F, end) - std::max(cell, begin));
    }
    push_normalised(taps, first, weights);
  }
  return taps;
}

}  // namespace

Taps make_taps(const ResizeOptions& options, std::int64_t in, std::int64_t out) {
  if (options.interpolation == ResizeMethod::area) return area_taps(in, out);
  if (options.interpolation == ResizeMethod::bicubic && !options.antialias) return bicubic_taps(in, out);
  return kernel_taps(kernel_of(options.interpolation), options.antialias, in, out);
}

}  // namespace graft::data
