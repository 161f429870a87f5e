// SPDX-License-Identifier: Apache-2.0
#include "training/elements.hpp"

#include <algorithm>
#include <vector>

namespace graft::training {

double sum_of_squares(const Tensor& tensor) {
  const auto values = tensor.data<float>();
  const std::size_t blocks = (values.size() + kGrain - 1) / kGrain;
  std::vector<double> sums(blocks);
  parallel_for(blocks, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t block = begin; block < end; ++block) {
      double sum = 0;
      for (const float x : values.subspan(block * kGrain, std::min(kGrain, values.size() - block * kGrain)))
        sum += static_cast<double>(x) * x;
      sums[block] = sum;
    }
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace graft::training
