// SPDX-License-Identifier: Apache-2.0
// Functions that metrics share.
#pragma once

#include "graft/training/metrics.hpp"

#include "training/losses/row_loss.hpp"

namespace graft::training {

/// Keras's serialised form; own: the config beside name and dtype.
[[nodiscard]] Json metric_config(const char* class_name, const std::string& name, const Json& own);

/// Throws Error{bad_file} unless the state has a multiple of `unit` numbers.
void check_state(const Metric& metric, std::span<const double> state, std::size_t unit);

/// 0 where the divisor is 0, as Keras's divide_no_nan.
[[nodiscard]] inline double ratio_or_zero(double a, double b) { return b == 0 ? 0 : a / b; }

/// Calls each(target, scores, weight) for every sample of a batch.
template <typename Each>
void for_samples(const MetricInput& input, bool sparse, const std::string& who, const Each& each) {
  const Extent extent = extent_of(input.predictions, who);
  const LabelReader labels(input.labels, extent, sparse, who);
  std::vector<double> target(extent.columns);
  for (std::size_t row = 0; row < extent.rows; ++row) {
    labels.read(row, target);
    const auto scores = input.predictions.data<float>().subspan(row * extent.columns, extent.columns);
    const double weight =
        input.sample_weight.empty() ? 1.0 : static_cast<double>(input.sample_weight.data<float>()[row]);
    each(std::span<const double>(target), scores, weight);
  }
}

}  // namespace graft::training
