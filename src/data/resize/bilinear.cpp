// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include "data/resize/resize_internal.hpp"

namespace graft::data {
namespace {

/// The two input elements on either side of an output, and its distance from the first.
struct Place {
  std::int64_t low;
  std::int64_t high;
  float part;
};

Place place_of(std::int64_t i, float scale, std::int64_t in) {
  const float at = (static_cast<float>(i) + 0.5F) * scale - 0.5F;
  const float below = std::floor(at);
  const auto base = static_cast<std::int64_t>(below);
  return {std::clamp<std::int64_t>(base, 0, in - 1), std::clamp<std::int64_t>(base + 1, 0, in - 1),
          at - below};
}

/// One input row interpolated to the output's width. The channels are a constant where it matters.
template <typename T, int kChannels>
void stretch_row(const T* from, const std::vector<Place>& columns, std::int64_t channels, float* to) {
  const std::int64_t count = kChannels > 0 ? kChannels : channels;
  for (const Place& place : columns) {
    const T* low = from + place.low * count;
    const T* high = from + place.high * count;
    for (std::int64_t c = 0; c < count; ++c) {
      const auto left = static_cast<float>(low[c]);
      to[c] = left + (static_cast<float>(high[c]) - left) * place.part;
    }
    to += count;
  }
}

template <typename T>
void stretch(const T* from, const std::vector<Place>& columns, std::int64_t channels, float* to) {
  if (channels == 3) return stretch_row<T, 3>(from, columns, 3, to);
  if (channels == 1) return stretch_row<T, 1>(from, columns, 1, to);
  stretch_row<T, 0>(from, columns, channels, to);
}

/// The last two stretched rows: when enlarging, neighbours in the output share them.
template <typename T>
class RowCache {
 public:
  RowCache(const Source<T>& source, const std::vector<Place>& columns) : source_(source), columns_(columns) {
    for (auto& row : rows_) row.resize(columns.size() * static_cast<std::size_t>(source.channels));
  }
  /// Row y, stretched; `keep` is a row that must stay valid.
  const float* get(std::int64_t y, std::int64_t keep) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (held_[i] == y) return rows_[i].data();
    }
    const std::size_t slot = held_[0] == keep ? 1 : 0;
    stretch(source_.row(y), columns_, source_.channels, rows_[slot].data());
    held_[slot] = y;
    return rows_[slot].data();
  }

 private:
  const Source<T>& source_;
  const std::vector<Place>& columns_;
  std::array<std::vector<float>, 2> rows_;
  std::array<std::int64_t, 2> held_{-1, -1};
};

}  // namespace

template <typename T>
void resize_bilinear(const Source<T>& source, const Target& target) {
  const float down = static_cast<float>(source.height) / static_cast<float>(target.height);
  const float right = static_cast<float>(source.width) / static_cast<float>(target.width);
  std::vector<Place> columns;
  for (std::int64_t x = 0; x < target.width; ++x) columns.push_back(place_of(x, right, source.width));
  RowCache<T> cache(source, columns);
  const std::int64_t row = target.width * source.channels;
  for (std::int64_t y = 0; y < target.height; ++y) {
    const Place place = place_of(y, down, source.height);
    const float* top = cache.get(place.low, place.high);
    const float* bottom = cache.get(place.high, place.low);
    float* to = target.row(y);
    for (std::int64_t i = 0; i < row; ++i) to[i] = top[i] + (bottom[i] - top[i]) * place.part;
  }
}

template void resize_bilinear(const Source<std::uint8_t>&, const Target&);
template void resize_bilinear(const Source<float>&, const Target&);

}  // namespace graft::data
