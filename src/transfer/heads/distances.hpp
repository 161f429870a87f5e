// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace transfer {

/// Numbers in rows of equal length, as double.
struct Table {
  std::size_t columns = 0;
  std::vector<double> values;
  [[nodiscard]] std::span<const double> row(std::size_t i) const {
    return std::span(values).subspan(i * columns, columns);
  }
};

/// |a_i - b_j|^2 of float32 (n, D) and (m, D), as n rows of m, summed in double.
[[nodiscard]] Table squared_distances(const Tensor& a, const Tensor& b);

}  // namespace transfer
}  // namespace graft
