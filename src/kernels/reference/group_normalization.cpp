// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include "kernels/reference/functions.hpp"

namespace graft::kernels::reference_detail {
namespace {

/// x (samples, pixels, channels), the channels in groups of neighbours.
struct Groups {
  std::size_t samples, pixels, channels, groups;

  Groups(const Shape& x, std::int64_t count)
      : samples(static_cast<std::size_t>(x[0])),
        pixels(samples == 0 ? 0 : rows(x) / samples),
        channels(kernels::channels(x)),
        groups(static_cast<std::size_t>(count)) {}
  [[nodiscard]] std::size_t group_of(std::size_t i) const {
    return i / (pixels * channels) * groups + i % channels / (channels / groups);
  }
  [[nodiscard]] std::size_t count() const { return samples * pixels * channels; }
  [[nodiscard]] double size() const {
    const std::size_t channels_of_a_group = channels / groups;
    return static_cast<double>(pixels) * static_cast<double>(channels_of_a_group);
  }
};

double product(float a, float b) { return static_cast<double>(a) * static_cast<double>(b); }

}  // namespace

Function function_of(const ops::GroupNormalization& op, const Spec& spec) {
  using In = ops::GroupNormalization::In;
  using Out = ops::GroupNormalization::Out;
  const Groups g(spec.in(In::x).shape, op.groups);
  return [g, epsilon = static_cast<double>(op.epsilon)](const RunContext&, Inputs inputs, Outputs outputs) {
    const float* x = in(inputs, In::x);
    std::vector<double> mean(g.samples * g.groups, 0.0);
    std::vector<double> inverse(mean.size(), 0.0);
    for (std::size_t i = 0; i < g.count(); ++i) mean[g.group_of(i)] += x[i] / g.size();
    for (std::size_t i = 0; i < g.count(); ++i) {
      const double difference = x[i] - mean[g.group_of(i)];
      inverse[g.group_of(i)] += difference * difference / g.size();
    }
    for (std::size_t k = 0; k < mean.size(); ++k) {
      inverse[k] = 1 / std::sqrt(inverse[k] + epsilon);
      if (out(outputs, Out::mean) != nullptr) out(outputs, Out::mean)[k] = static_cast<float>(mean[k]);
      if (out(outputs, Out::inverse) != nullptr)
        out(outputs, Out::inverse)[k] = static_cast<float>(inverse[k]);
    }
    for (std::size_t i = 0; i < g.count(); ++i) {
      const double normal = (x[i] - mean[g.group_of(i)]) * inverse[g.group_of(i)];
      const float gamma = in(inputs, In::gamma) != nullptr ? in(inputs, In::gamma)[i % g.channels] : 1.0F;
      const float beta = in(inputs, In::beta) != nullptr ? in(inputs, In::beta)[i % g.channels] : 0.0F;
      out(outputs, Out::y)[i] = static_cast<float>(normal * gamma + beta);
    }
  };
}

Function function_of(const ops::GroupNormalizationBackward& op, const Spec& spec) {
  using In = ops::GroupNormalizationBackward::In;
  using Out = ops::GroupNormalizationBackward::Out;
  const Groups g(spec.in(In::x).shape, op.groups);
  return [g](const RunContext&, Inputs inputs, Outputs outputs) {
    const float* dy = in(inputs, In::dy);
    const auto gamma = [&](std::size_t i) {
      return in(inputs, In::gamma) != nullptr ? in(inputs, In::gamma)[i % g.channels] : 1.0F;
    };
    const auto normal = [&](std::size_t i) {
      const std::size_t k = g.group_of(i);
      return (static_cast<double>(in(inputs, In::x)[i]) - in(inputs, In::mean)[k]) *
             in(inputs, In::inverse)[k];
    };
    std::vector<double> by_mean(g.samples * g.groups, 0.0);
    std::vector<double> by_deviation(by_mean.size(), 0.0);
    std::vector<double> dgamma(g.channels, 0.0);
    std::vector<double> dbeta(g.channels, 0.0);
    for (std::size_t i = 0; i < g.count(); ++i) {
      by_mean[g.group_of(i)] += product(gamma(i), dy[i]) / g.size();
      by_deviation[g.group_of(i)] += product(gamma(i), dy[i]) * normal(i) / g.size();
      dgamma[i % g.channels] += dy[i] * normal(i);
      dbeta[i % g.channels] += dy[i];
    }
    for (std::size_t i = 0; i < g.count() && out(outputs, Out::dx) != nullptr; ++i) {
      const std::size_t k = g.group_of(i);
      out(outputs, Out::dx)[i] = static_cast<float>(
          in(inputs, In::inverse)[k] * (product(gamma(i), dy[i]) - by_mean[k] - normal(i) * by_deviation[k]));
    }
    for (std::size_t c = 0; c < g.channels; ++c) {
      if (out(outputs, Out::dgamma) != nullptr) out(outputs, Out::dgamma)[c] = static_cast<float>(dgamma[c]);
      if (out(outputs, Out::dbeta) != nullptr) out(outputs, Out::dbeta)[c] = static_cast<float>(dbeta[c]);
    }
  };
}

}  // namespace graft::kernels::reference_detail
