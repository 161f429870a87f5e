// SPDX-License-Identifier: Apache-2.0
// Rows of features, a row a photo, and the labels beside them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graft/tensor/tensor.hpp"

namespace graft::transfer {

/// Rows of a float32 (n, D), in this order.
[[nodiscard]] Tensor take_rows(const Tensor& features, std::span<const std::size_t> rows);
[[nodiscard]] std::vector<int> take(std::span<const int> labels, std::span<const std::size_t> rows);

/// Labels of the rows of Features: of the photos, and again for each further view. rows: as many there are.
[[nodiscard]] std::vector<int> labels_of_views(const std::vector<int>& labels, std::int64_t rows);

}  // namespace graft::transfer
