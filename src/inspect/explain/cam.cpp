// SPDX-License-Identifier: Apache-2.0
#include "inspect/explain/cam.hpp"

#include <algorithm>
#include <vector>

#include "graft/image.hpp"

namespace graft::inspect {
namespace {

/// Sum over the channels of weight * map.
Tensor weighted_sum(const Tensor& map, const std::vector<double>& weights) {
  Tensor result(Shape{map.shape()[1], map.shape()[2]});
  const std::size_t channels = weights.size();
  const std::span<const float> values = map.data();
  for (std::size_t at = 0; at < result.data().size(); ++at) {
    double sum = 0;
    for (std::size_t k = 0; k < channels; ++k)
      sum += weights[k] * static_cast<double>(values[at * channels + k]);
    result.data()[at] = static_cast<float>(sum);
  }
  return result;
}

std::size_t channels_of_map(const Tensor& map) { return static_cast<std::size_t>(map.shape()[3]); }

}  // namespace

Tensor grad_cam(const Tensor& map, const Tensor& gradient) {
  const std::size_t channels = channels_of_map(map);
  const std::span<const float> g = gradient.data();
  std::vector<double> weights(channels, 0.0);
  for (std::size_t i = 0; i < g.size(); ++i) weights[i % channels] += static_cast<double>(g[i]);
  for (double& weight : weights) weight *= static_cast<double>(channels) / static_cast<double>(g.size());
  return weighted_sum(map, weights);
}

Tensor grad_cam_plus_plus(const Tensor& map, const Tensor& gradient) {
  const std::size_t channels = channels_of_map(map);
  const std::span<const float> a = map.data();
  const std::span<const float> g = gradient.data();
  std::vector<double> sums(channels, 0.0), weights(channels, 0.0);
  for (std::size_t i = 0; i < a.size(); ++i) sums[i % channels] += static_cast<double>(a[i]);
  for (std::size_t i = 0; i < g.size(); ++i) {
    const auto slope = static_cast<double>(g[i]);
    if (!(slope > 0)) continue;  // relu
    const double below = 2 * slope * slope + slope * slope * slope * sums[i % channels];
    if (below != 0) weights[i % channels] += slope * slope / below * slope;
  }
  return weighted_sum(map, weights);
}

Tensor heat_of(const Tensor& values, Size2D size) {
  Tensor heat(Shape{values.shape()[0], values.shape()[1], 1});
  const float largest = *std::ranges::max_element(values.data());
  if (largest > 0) {
    std::ranges::transform(values.data(), heat.data().begin(),
                           [&](float value) { return std::max(value, 0.0F) / largest; });
  }
  const bool same = values.shape()[0] == size.height && values.shape()[1] == size.width;
  return (same ? heat : data::resize(heat, size)).reshape({size.height, size.width});
}

}  // namespace graft::inspect
