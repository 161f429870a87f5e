// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include "graft/base/parallel.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/native/ops/layer_normalization.hpp"
#include "kernels/vectors/channel_rows.hpp"
#include "kernels/vectors/loops.hpp"
#include "kernels/vectors/reduction.hpp"

namespace graft::kernels::native_detail {
namespace {

/// x (samples, pixels, channels), the channels in groups of neighbours.
struct Groups {
  std::size_t samples, pixels, channels, groups;

  Groups(const Shape& x, std::int64_t count)
      : samples(static_cast<std::size_t>(x[0])),
        pixels(rows(x) / samples),
        channels(kernels::channels(x)),
        groups(static_cast<std::size_t>(count)) {}
  [[nodiscard]] std::size_t group_of(std::size_t channel) const { return channel / (channels / groups); }
  [[nodiscard]] double size() const {
    const std::size_t channels_of_a_group = channels / groups;
    return static_cast<double>(pixels) * static_cast<double>(channels_of_a_group);
  }
  /// Each channel's number becomes its group's sum over `size()`.
  void average(const std::vector<double>& of_channels, std::vector<double>& of_groups) const {
    of_groups.assign(groups, 0.0);
    for (std::size_t c = 0; c < channels; ++c) of_groups[group_of(c)] += of_channels[c] / size();
  }
};

/// What one sample needs: sums by channel, averages by group, coefficients by channel.
struct Work {
  explicit Work(const Groups& g, double added = 0)
      : epsilon(added), sums(g.channels), more(g.channels), mean(g.channels), by(g.channels) {}
  double epsilon;  ///< added to variances, forward
  std::vector<double> sums, more, averages, deviations;
  std::vector<float> mean;
  vectors::Coefficients by;
};

void normalize_sample(const Groups& g, std::size_t n, Inputs inputs, Outputs outputs, Work& work) {
  using In = ops::GroupNormalization::In;
  using Out = ops::GroupNormalization::Out;
  const float* x = in(inputs, In::x) + n * g.pixels * g.channels;
  std::fill(work.sums.begin(), work.sums.end(), 0.0);
  vectors::add_rows(x, {g.pixels, g.channels}, work.sums.data());
  g.average(work.sums, work.averages);
  for (std::size_t c = 0; c < g.channels; ++c)
    work.mean[c] = static_cast<float>(work.averages[g.group_of(c)]);
  std::fill(work.sums.begin(), work.sums.end(), 0.0);
  vectors::add_centred_squares({x, work.mean.data()}, {g.pixels, g.channels}, work.sums.data());
  g.average(work.sums, work.deviations);
  for (std::size_t k = 0; k < g.groups; ++k) {
    work.deviations[k] = 1 / std::sqrt(work.deviations[k] + work.epsilon);
    if (out(outputs, Out::mean) != nullptr)
      out(outputs, Out::mean)[n * g.groups + k] = static_cast<float>(work.averages[k]);
    if (out(outputs, Out::inverse) != nullptr)
      out(outputs, Out::inverse)[n * g.groups + k] = static_cast<float>(work.deviations[k]);
  }
  for (std::size_t c = 0; c < g.channels; ++c) {
    const double gamma =
        in(inputs, In::gamma) != nullptr ? static_cast<double>(in(inputs, In::gamma)[c]) : 1.0;
    work.by.by_x[c] = static_cast<float>(gamma * work.deviations[g.group_of(c)]);
    work.by.constant[c] = in(inputs, In::beta) != nullptr ? in(inputs, In::beta)[c] : 0.0F;
  }
  vectors::normalize_rows({x, work.mean.data()}, work.by, out(outputs, Out::y) + n * g.pixels * g.channels,
                          {g.pixels, g.channels});
}

/// dx of one sample; its share of dgamma goes to work.more, of dbeta to work.sums.
void sample_backward(const Groups& g, std::size_t n, Inputs inputs, float* all_dx, Work& work) {
  using In = ops::GroupNormalizationBackward::In;
  const std::size_t at = n * g.pixels * g.channels;
  const float* x = in(inputs, In::x) + at;
  const float* dy = in(inputs, In::dy) + at;
  const float* mean = in(inputs, In::mean) + n * g.groups;
  const float* inverse = in(inputs, In::inverse) + n * g.groups;
  for (std::size_t c = 0; c < g.channels; ++c) work.mean[c] = mean[g.group_of(c)];
  std::fill(work.sums.begin(), work.sums.end(), 0.0);
  std::fill(work.more.begin(), work.more.end(), 0.0);
  vectors::add_rows(dy, {g.pixels, g.channels}, work.sums.data());
  vectors::add_centred_products({x, work.mean.data()}, dy, {g.pixels, g.channels}, work.more.data());
  work.averages.assign(g.groups, 0.0);
  work.deviations.assign(g.groups, 0.0);
  for (std::size_t c = 0; c < g.channels; ++c) {
    const std::size_t k = g.group_of(c);
    const double gamma =
        in(inputs, In::gamma) != nullptr ? static_cast<double>(in(inputs, In::gamma)[c]) : 1.0;
    work.more[c] *= static_cast<double>(inverse[k]);
    work.averages[k] += gamma * work.sums[c] / g.size();
    work.deviations[k] += gamma * work.more[c] / g.size();
    work.by.by_dy[c] = static_cast<float>(gamma * static_cast<double>(inverse[k]));
  }
  if (all_dx == nullptr) return;
  for (std::size_t c = 0; c < g.channels; ++c) {
    const std::size_t k = g.group_of(c);
    const auto scale = static_cast<double>(inverse[k]);
    work.by.by_x[c] = static_cast<float>(-scale * scale * work.deviations[k]);
    work.by.constant[c] = static_cast<float>(-scale * work.averages[k]);
  }
  vectors::backward_rows({x, work.mean.data()}, work.by, dy, all_dx + at, {g.pixels, g.channels});
}

void store_sums(const std::vector<Work>& samples, std::vector<double> Work::*sums, float* to) {
  if (to == nullptr) return;
  for (std::size_t c = 0; c < (samples.front().*sums).size(); ++c) {
    double sum = 0;
    for (const Work& work : samples) sum += (work.*sums)[c];
    to[c] = static_cast<float>(sum);
  }
}

}  // namespace

Function function_of(const ops::GroupNormalization& op, const Spec& spec) {
  using In = ops::GroupNormalization::In;
  const Groups g(spec.in(In::x).shape, op.groups);
  if (g.pixels == 1 && g.groups == 1) return layer_normalization(op, spec);
  return [g, samples = std::vector<Work>(g.samples, Work(g, static_cast<double>(op.epsilon)))](
             const RunContext&, Inputs inputs, Outputs outputs) mutable {
    parallel_for(g.samples, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t n = begin; n < end; ++n) normalize_sample(g, n, inputs, outputs, samples[n]);
    });
  };
}

Function function_of(const ops::GroupNormalizationBackward& op, const Spec& spec) {
  using In = ops::GroupNormalizationBackward::In;
  using Out = ops::GroupNormalizationBackward::Out;
  const Groups g(spec.in(In::x).shape, op.groups);
  if (g.pixels == 1 && g.groups == 1) return layer_normalization_backward(spec);
  return [g, samples = std::vector<Work>(g.samples, Work(g))](const RunContext&, Inputs inputs,
                                                              Outputs outputs) mutable {
    parallel_for(g.samples, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t n = begin; n < end; ++n)
        sample_backward(g, n, inputs, out(outputs, Out::dx), samples[n]);
    });
    store_sums(samples, &Work::more, out(outputs, Out::dgamma));
    store_sums(samples, &Work::sums, out(outputs, Out::dbeta));
  };
}

}  // namespace graft::kernels::native_detail
