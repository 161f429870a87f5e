// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "transfer/head/head_choice.hpp"

namespace graft::transfer {
namespace {

std::size_t columns_of(const Tensor& rows) { return static_cast<std::size_t>(rows.shape()[1]); }

/// 1 / root of the mean squared distance of a row from the mean row.
float scale_of(const Tensor& rows) {
  const std::size_t columns = columns_of(rows);
  const auto x = rows.data();
  const double count = static_cast<double>(x.size()) / static_cast<double>(columns);
  std::vector<double> sum(columns, 0.0);
  double square = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum[i % columns] += x[i];
    square += static_cast<double>(x[i]) * x[i];
  }
  double spread = square / count;
  for (const double s : sum) spread -= s / count * s / count;
  return static_cast<float>(1 / std::sqrt(std::max(spread, 1e-12)));
}

Tensor side_by_side(const std::vector<const Tensor*>& parts, const std::vector<float>& scale) {
  const std::size_t rows = static_cast<std::size_t>(parts.front()->shape()[0]);
  Tensor joined({static_cast<std::int64_t>(rows), static_cast<std::int64_t>(scale.size())});
  float* out = joined.data().data();
  for (std::size_t row = 0; row < rows; ++row) {
    std::size_t at = 0;
    for (const Tensor* part : parts) {
      const std::size_t columns = columns_of(*part);
      const auto in = part->data().subspan(row * columns, columns);
      for (const float value : in) {
        *out++ = value * scale[at];
        ++at;
      }
    }
  }
  return joined;
}

}  // namespace

JoinedFeatures join_depths(const std::vector<HeadData>& depths) {
  JoinedFeatures joined{.data = depths.front()};
  std::vector<const Tensor*> train;
  std::vector<const Tensor*> validation;
  for (const HeadData& depth : depths) {
    train.push_back(&depth.train);
    validation.push_back(&depth.validation);
    joined.scale.insert(joined.scale.end(), columns_of(depth.train), scale_of(depth.train));
  }
  joined.data.train = side_by_side(train, joined.scale);
  joined.data.validation = side_by_side(validation, joined.scale);
  return joined;
}

LinearHead JoinedFeatures::unscaled(const LinearHead& head) const {
  LinearHead result{head.kernel.clone(), head.bias.clone()};
  const auto classes = static_cast<std::size_t>(head.bias.count());
  auto kernel = result.kernel.data();
  for (std::size_t i = 0; i < kernel.size(); ++i) kernel[i] *= scale[i / classes];
  return result;
}

}  // namespace graft::transfer
