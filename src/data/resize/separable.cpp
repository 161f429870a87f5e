// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <vector>

#include "data/resize/resize_internal.hpp"

namespace graft::data {
namespace {

/// Along one row of a picture with kChannels channels. Their number is known here, so that sums stay in
/// registers.
template <std::int64_t kChannels>
void resize_row(const std::vector<float>& row, float* to, const Taps& right) {
  for (const Taps::Span& columns : right.spans) {
    std::array<float, kChannels> sums{};
    const float* weight = right.weights.data() + columns.offset;
    const float* from = row.data() + columns.first * kChannels;
    for (std::int64_t k = 0; k < columns.count; ++k, from += kChannels) {
      for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += weight[k] * from[c];
    }
    to = std::ranges::copy(sums, to).out;
  }
}

void resize_row(const std::vector<float>& row, std::int64_t channels, float* to, const Taps& right) {
  switch (channels) {
    case 1:
      return resize_row<1>(row, to, right);
    case 3:
      return resize_row<3>(row, to, right);
    case 4:
      return resize_row<4>(row, to, right);
    default:
      break;
  }
  for (const Taps::Span& columns : right.spans) {
    std::fill_n(to, channels, 0.0F);
    const float* weight = right.weights.data() + columns.offset;
    const float* from = row.data() + columns.first * channels;
    for (std::int64_t k = 0; k < columns.count; ++k, from += channels) {
      for (std::int64_t c = 0; c < channels; ++c) to[c] += weight[k] * from[c];
    }
    to += channels;
  }
}

}  // namespace

/// Down first, over whole rows (which the compiler turns into vector code), then along the one row that
/// results.
template <typename T>
void resize_separable(const Source<T>& source, const Target& target, const Taps& down, const Taps& right) {
  const std::int64_t channels = source.channels;
  const std::int64_t length = source.width * channels;
  std::vector<float> mixed(static_cast<std::size_t>(length));
  for (std::int64_t y = 0; y < target.height; ++y) {
    const Taps::Span& rows = down.spans[static_cast<std::size_t>(y)];
    std::fill(mixed.begin(), mixed.end(), 0.0F);
    for (std::int64_t k = 0; k < rows.count; ++k) {
      const float weight = down.weights[rows.offset + static_cast<std::size_t>(k)];
      const T* from = source.row(rows.first + k);
      float* to = mixed.data();
      for (std::int64_t i = 0; i < length; ++i) to[i] += weight * static_cast<float>(from[i]);
    }
    resize_row(mixed, channels, target.row(y), right);
  }
}

template void resize_separable(const Source<std::uint8_t>&, const Target&, const Taps&, const Taps&);
template void resize_separable(const Source<float>&, const Target&, const Taps&, const Taps&);

}  // namespace graft::data
