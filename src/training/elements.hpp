// SPDX-License-Identifier: Apache-2.0
// Loops over all elements of weights, on the kernel threads.
#pragma once

#include <cstddef>

#include "graft/base/parallel.hpp"
#include "graft/tensor.hpp"

namespace graft::training {

constexpr std::size_t kGrain = 16384;  // least elements of a thread: fewer are not worth waking one

/// Calls each(i) for all elements, which must not depend on each other: results do not depend on threads.
template <typename Each>
void for_elements(std::size_t count, const Each& each) {
  parallel_for(count, kGrain, [&](std::size_t begin, std::size_t end) {
    const Each own = each;  // a copy has no alias among the elements: the loop may be vectorized
#pragma GCC ivdep
    for (std::size_t i = begin; i < end; ++i) own(i);
  });
}

/// Sum of the squares of a float32 tensor's elements; the same for any number of threads.
[[nodiscard]] double sum_of_squares(const Tensor& tensor);

}  // namespace graft::training
