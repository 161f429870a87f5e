// SPDX-License-Identifier: Apache-2.0
#include "transfer/features/rows.hpp"

#include <algorithm>

namespace graft::transfer {

Tensor take_rows(const Tensor& features, std::span<const std::size_t> rows) {
  const auto width = static_cast<std::size_t>(features.shape()[1]);
  Tensor taken(features.shape().without_batch().with_batch(static_cast<std::int64_t>(rows.size())));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::ranges::copy(features.data<float>().subspan(rows[i] * width, width),
                      taken.data<float>().subspan(i * width, width).begin());
  }
  return taken;
}

std::vector<int> take(std::span<const int> labels, std::span<const std::size_t> rows) {
  std::vector<int> taken;
  for (const std::size_t row : rows) taken.push_back(labels[row]);
  return taken;
}

std::vector<int> twice(std::vector<int> labels) {
  const std::vector<int> copy = labels;
  labels.insert(labels.end(), copy.begin(), copy.end());
  return labels;
}

}  // namespace graft::transfer
