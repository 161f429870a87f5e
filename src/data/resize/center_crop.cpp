// SPDX-License-Identifier: Apache-2.0
// Resize and keep the middle, as torchvision's Resize and CenterCrop and timm's evaluation do.
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "data/resize/resize_internal.hpp"

namespace graft::data {
namespace {

/// Height and width that a picture is brought to before its middle is kept.
Size2D scaled_size(Size2D picture, Size2D target, const ResizeOptions& options) {
  const auto enlarged = [&](std::int64_t size) {
    return static_cast<std::int64_t>(std::floor(static_cast<double>(size) / options.center_crop));
  };
  const Size2D scaled{enlarged(target.height), enlarged(target.width)};
  if (options.crop_mode == CropMode::squash) return scaled;
  if (options.crop_mode == CropMode::center &&
      scaled.height == scaled.width) {  // torchvision's Resize(size): the longer side is rounded down
    const auto along = [&](std::int64_t one, std::int64_t other) {
      return one <= other ? scaled.height : scaled.height * one / other;
    };
    return {along(picture.height, picture.width), along(picture.width, picture.height)};
  }
  const auto ratio = [](std::int64_t one, std::int64_t other) {
    return static_cast<double>(one) / static_cast<double>(other);
  };
  const double down = ratio(picture.height, scaled.height);
  const double across = ratio(picture.width, scaled.width);
  const bool border = options.crop_mode == CropMode::border;
  const double shrinking = border ? std::max(down, across) : std::min(down, across);
  const auto shrunk = [&](std::int64_t size) {
    return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(size) / shrinking));
  };
  const Size2D least = border ? Size2D{1, 1} : target;
  return {std::max(shrunk(picture.height), least.height), std::max(shrunk(picture.width), least.width)};
}

Taps nearest_taps(std::int64_t in, std::int64_t out) {
  Taps taps{.spans = {}, .weights = {1.0F}};
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  for (std::int64_t i = 0; i < out; ++i)
    taps.spans.push_back({.first = nearest_index(i, scale, in), .offset = 0, .count = 1});
  return taps;
}

/// Keeps the taps of the middle `kept` outputs.
template <typename AnyTaps>
AnyTaps middle_of(AnyTaps taps, std::int64_t kept) {
  const auto out = static_cast<std::int64_t>(taps.spans.size());
  const auto first = static_cast<std::ptrdiff_t>(std::nearbyint(static_cast<double>(out - kept) / 2));
  taps.spans.erase(taps.spans.begin(), taps.spans.begin() + first);
  taps.spans.resize(static_cast<std::size_t>(kept));
  return taps;
}

/// The taps of the middle `kept` of `out` outputs.
Taps middle_taps(const ResizeOptions& options, std::int64_t in, std::int64_t out, std::int64_t kept) {
  const bool nearest = options.interpolation == ResizeMethod::nearest;
  return middle_of(nearest ? nearest_taps(in, out) : make_taps(options, in, out), kept);
}

void fill_border(const Target& target, std::int64_t channels, const ResizeOptions& options) {
  for (std::int64_t y = 0; y < target.height; ++y) {
    for (std::int64_t i = 0; i < target.width * channels; ++i) {
      const std::int64_t channel = std::min<std::int64_t>(i % channels, 2);
      target.row(y)[i] = static_cast<float>(options.border_color.at(static_cast<std::size_t>(channel)));
    }
  }
}

}  // namespace

template <typename T>
void resize_and_crop(const Source<T>& source, const Target& target, const ResizeOptions& options) {
  const Size2D scaled = scaled_size({source.height, source.width}, {target.height, target.width}, options);
  // Smaller than the target only in the mode border.
  Target filled = target;
  filled.height = std::min(target.height, scaled.height);
  filled.width = std::min(target.width, scaled.width);
  if (filled.height < target.height || filled.width < target.width) {
    fill_border(target, source.channels, options);
    filled.first += (target.height - filled.height) / 2 * target.row_stride +
                    (target.width - filled.width) / 2 * source.channels;
  }
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    if (options.pillow && options.interpolation != ResizeMethod::nearest) {
      const auto taps = [&](std::int64_t in, std::int64_t out, std::int64_t kept) {
        return middle_of(pillow_taps(options.interpolation, in, out), kept);
      };
      resize_pillow(source, filled, taps(source.height, scaled.height, filled.height),
                    taps(source.width, scaled.width, filled.width));
      return;
    }
  }
  resize_separable(source, filled, middle_taps(options, source.height, scaled.height, filled.height),
                   middle_taps(options, source.width, scaled.width, filled.width));
}

template void resize_and_crop(const Source<std::uint8_t>&, const Target&, const ResizeOptions&);
template void resize_and_crop(const Source<float>&, const Target&, const ResizeOptions&);

}  // namespace graft::data
