// SPDX-License-Identifier: Apache-2.0
// Rows of features, a row a photo, and the labels beside them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace transfer {

/// Zeros of that shape, float32: in memory, or where they would take more than most_bytes of it in a scratch
/// file that is mapped, so that the system can put them on the disk when memory runs short. In memory too
/// where the disk has no room.
inline constexpr std::size_t kRowsInMemory = std::size_t{256} << 20;
[[nodiscard]] Tensor zero_rows(const Shape& shape, std::size_t most_bytes = kRowsInMemory);

/// Rows of a float32 (n, D), in this order.
[[nodiscard]] Tensor take_rows(const Tensor& features, std::span<const std::size_t> rows);
[[nodiscard]] std::vector<int> take(std::span<const int> labels, std::span<const std::size_t> rows);

/// Labels of the rows of Features: of the photos, and again for each further view. rows: as many there are.
[[nodiscard]] std::vector<int> labels_of_views(const std::vector<int>& labels, std::int64_t rows);

}  // namespace transfer
}  // namespace graft
