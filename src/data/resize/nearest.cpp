// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "data/resize/resize_internal.hpp"

namespace graft::data {

std::int64_t nearest_index(std::int64_t i, float scale, std::int64_t in) {
  const float place = (static_cast<float>(i) + 0.5F) * scale;
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(place)), 0, in - 1);
}

template <typename T>
void resize_nearest(const Source<T>& source, const Target& target) {
  const float down = static_cast<float>(source.height) / static_cast<float>(target.height);
  const float right = static_cast<float>(source.width) / static_cast<float>(target.width);
  std::vector<std::int64_t> columns(static_cast<std::size_t>(target.width));
  for (std::int64_t x = 0; x < target.width; ++x)
    columns[static_cast<std::size_t>(x)] = nearest_index(x, right, source.width) * source.channels;
  for (std::int64_t y = 0; y < target.height; ++y) {
    const T* from = source.row(nearest_index(y, down, source.height));
    float* to = target.row(y);
    for (const std::int64_t column : columns) {
      for (std::int64_t c = 0; c < source.channels; ++c) *to++ = static_cast<float>(from[column + c]);
    }
  }
}

template void resize_nearest(const Source<std::uint8_t>&, const Target&);
template void resize_nearest(const Source<float>&, const Target&);

}  // namespace graft::data
