// SPDX-License-Identifier: Apache-2.0
#include "graft/ops/permuted.hpp"

namespace graft::ops {

Tensor permuted(const Tensor& tensor, const std::vector<int>& axes) {
  const std::size_t rank = axes.size();
  std::vector<std::int64_t> strides(rank, 1);
  for (std::size_t i = rank; i-- > 1;) strides[i - 1] = strides[i] * tensor.shape().sizes()[i];
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> steps;
  for (const int axis : axes) {
    sizes.push_back(tensor.shape()[axis]);
    steps.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  Tensor result{Shape(sizes)};
  const auto from = tensor.data();
  std::vector<std::int64_t> index(rank, 0);
  std::int64_t at = 0;
  for (float& to : result.data()) {
    to = from[static_cast<std::size_t>(at)];
    for (std::size_t i = rank; i-- > 0;) {
      at += steps[i];
      if (++index[i] < sizes[i]) break;
      at -= steps[i] * sizes[i];
      index[i] = 0;
    }
  }
  return result;
}

}  // namespace graft::ops
