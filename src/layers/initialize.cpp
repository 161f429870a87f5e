// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "graft/base/error.hpp"
#include "graft/base/random.hpp"
#include "graft/layers/layer_base.hpp"

#include "layers/variance_scaling.hpp"

namespace graft::layers {
namespace {

// What is left of a normal's deviation after cutting it at two: Keras divides by it.
constexpr double kTruncatedDeviation = 0.87962566103423978;

struct Fans {
  double in = 1, out = 1;
};

/// Keras's compute_fans: the receptive field times the last two axes.
Fans fans_of(const Shape& shape) {
  if (shape.rank() == 0) return {};
  if (shape.rank() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
  double field = 1;
  for (int axis = 0; axis + 2 < static_cast<int>(shape.rank()); ++axis)
    field *= static_cast<double>(shape[axis]);
  return {field * static_cast<double>(shape[-2]), field * static_cast<double>(shape[-1])};
}

void fill_uniform(Tensor& tensor, std::uint64_t stream, double limit) {
  Rng rng(stream);
  for (float& x : tensor.data<float>()) x = static_cast<float>(rng.uniform(-limit, limit));
}

/// Normal numbers, drawn again beyond two standard deviations where truncated.
void fill_normal(Tensor& tensor, std::uint64_t stream, double deviation, bool truncated) {
  Rng rng(stream);
  for (float& x : tensor.data<float>()) {
    double z = rng.normal();
    while (truncated && std::abs(z) > 2) z = rng.normal();
    x = static_cast<float>(z * deviation);
  }
}

/// Keras's VarianceScaling: variance scale / fan.
void fill_scaled(const VarianceScaling& scaling, const Fans& fans, std::uint64_t stream, Tensor& tensor) {
  const double fan = scaling.mode == "fan_in"    ? fans.in
                     : scaling.mode == "fan_out" ? fans.out
                                                 : (fans.in + fans.out) / 2;
  const double variance = scaling.scale / std::max(1.0, fan);
  if (scaling.distribution == "uniform") return fill_uniform(tensor, stream, std::sqrt(3 * variance));
  const bool truncated = scaling.distribution == "truncated_normal";
  const double deviation = std::sqrt(variance) / (truncated ? kTruncatedDeviation : 1);
  fill_normal(tensor, stream, deviation, truncated);
}

}  // namespace

void initialize(const std::string& initializer, std::uint64_t stream, Tensor& tensor) {
  const Fans fans = fans_of(tensor.shape());
  const double average = std::max(1.0, (fans.in + fans.out) / 2);
  const double in = std::max(1.0, fans.in);
  if (initializer == "zeros") return;
  if (const auto scaling = variance_scaling_of(initializer))
    return fill_scaled(*scaling, fans, stream, tensor);
  if (initializer == "ones") {
    std::ranges::fill(tensor.data<float>(), 1.0F);
    return;
  }
  if (initializer == "glorot_uniform") return fill_uniform(tensor, stream, std::sqrt(3 / average));
  if (initializer == "he_uniform") return fill_uniform(tensor, stream, std::sqrt(6 / in));
  if (initializer == "lecun_uniform") return fill_uniform(tensor, stream, std::sqrt(3 / in));
  if (initializer == "random_uniform") return fill_uniform(tensor, stream, 0.05);
  if (initializer == "random_normal") return fill_normal(tensor, stream, 0.05, false);
  if (initializer == "truncated_normal") return fill_normal(tensor, stream, 0.05, true);
  if (initializer == "glorot_normal")
    return fill_normal(tensor, stream, std::sqrt(1 / average) / kTruncatedDeviation, true);
  if (initializer == "he_normal")
    return fill_normal(tensor, stream, std::sqrt(2 / in) / kTruncatedDeviation, true);
  if (initializer == "lecun_normal")
    return fill_normal(tensor, stream, std::sqrt(1 / in) / kTruncatedDeviation, true);
  fail(ErrorKind::unsupported, "initializer '", initializer,
       "' is not known; known are zeros, ones, glorot_uniform, ",
       "glorot_normal, he_uniform, he_normal, lecun_uniform, lecun_normal, random_uniform, random_normal, "
       "truncated_normal, variance_scaling(SCALE,MODE,DISTRIBUTION)");
}

}  // namespace graft::layers
