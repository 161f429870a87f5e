// SPDX-License-Identifier: Apache-2.0
// Resize and keep the middle, as torchvision's Resize and CenterCrop and timm's evaluation do.
#include <algorithm>
#include <cmath>

#include "data/resize/resize_internal.hpp"

namespace graft::data {
namespace {

/// Height and width that a picture is brought to before its middle is kept.
Size2D scaled_size(Size2D picture, Size2D target, const ResizeOptions& options) {
  const auto enlarged = [&](std::int64_t size) {
    return static_cast<std::int64_t>(std::floor(static_cast<double>(size) / options.center_crop));
  };
  const Size2D scaled{enlarged(target.height), enlarged(target.width)};
  if (options.squash) return scaled;
  if (scaled.height == scaled.width) {  // torchvision's Resize(size): the longer side is rounded down
    const auto along = [&](std::int64_t one, std::int64_t other) {
      return one <= other ? scaled.height : scaled.height * one / other;
    };
    return {along(picture.height, picture.width), along(picture.width, picture.height)};
  }
  const auto ratio = [](std::int64_t one, std::int64_t other) {
    return static_cast<double>(one) / static_cast<double>(other);
  };
  const double shrinking = std::min(ratio(picture.height, scaled.height), ratio(picture.width, scaled.width));
  const auto shrunk = [&](std::int64_t size) {
    return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(size) / shrinking));
  };
  return {std::max(shrunk(picture.height), target.height), std::max(shrunk(picture.width), target.width)};
}

Taps nearest_taps(std::int64_t in, std::int64_t out) {
  Taps taps{.spans = {}, .weights = {1.0F}};
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  for (std::int64_t i = 0; i < out; ++i)
    taps.spans.push_back({.first = nearest_index(i, scale, in), .offset = 0, .count = 1});
  return taps;
}

/// The taps of the middle `kept` of `out` outputs.
Taps middle_taps(const ResizeOptions& options, std::int64_t in, std::int64_t out, std::int64_t kept) {
  Taps taps =
      options.interpolation == ResizeMethod::nearest ? nearest_taps(in, out) : make_taps(options, in, out);
  const auto first = static_cast<std::ptrdiff_t>(std::nearbyint(static_cast<double>(out - kept) / 2));
  taps.spans.erase(taps.spans.begin(), taps.spans.begin() + first);
  taps.spans.resize(static_cast<std::size_t>(kept));
  return taps;
}

}  // namespace

template <typename T>
void resize_and_crop(const Source<T>& source, const Target& target, const ResizeOptions& options) {
  const Size2D scaled = scaled_size({source.height, source.width}, {target.height, target.width}, options);
  resize_separable(source, target, middle_taps(options, source.height, scaled.height, target.height),
                   middle_taps(options, source.width, scaled.width, target.width));
}

template void resize_and_crop(const Source<std::uint8_t>&, const Target&, const ResizeOptions&);
template void resize_and_crop(const Source<float>&, const Target&, const ResizeOptions&);

}  // namespace graft::data
