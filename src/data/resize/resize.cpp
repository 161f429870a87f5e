// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/image.hpp"

#include "data/resize/resize_internal.hpp"

namespace graft::data {
namespace {

struct NamedMethod {
  ResizeMethod interpolation;
  std::string_view name;
};

constexpr std::array<NamedMethod, 8> kNames{{{ResizeMethod::bilinear, "bilinear"},
                                             {ResizeMethod::nearest, "nearest"},
                                             {ResizeMethod::bicubic, "bicubic"},
                                             {ResizeMethod::area, "area"},
                                             {ResizeMethod::lanczos3, "lanczos3"},
                                             {ResizeMethod::lanczos5, "lanczos5"},
                                             {ResizeMethod::gaussian, "gaussian"},
                                             {ResizeMethod::mitchellcubic, "mitchellcubic"}}};

void check(const Tensor& image, Size2D size, const ResizeOptions& options) {
  if (image.shape().rank() != 3 || image.empty()) {
    fail(ErrorKind::shape_mismatch, "resize: expected a picture (H, W, C), received ", image.shape());
  }
  if (image.dtype() != DType::uint8 && image.dtype() != DType::float32)
    fail(ErrorKind::shape_mismatch, "resize: expected uint8 or float32, received ", to_string(image.dtype()));
  if (size.height < 1 || size.width < 1) {
    fail(ErrorKind::invalid_argument, "resize: expected a size of at least 1 x 1, received ", size.height,
         " x ", size.width);
  }
  if (options.crop_to_aspect_ratio && options.pad_to_aspect_ratio)
    fail(ErrorKind::invalid_argument, "only one of pad_to_aspect_ratio and crop_to_aspect_ratio can be set");
  if (!(options.center_crop >= 0 && options.center_crop <= 1))
    fail(ErrorKind::invalid_argument, "center_crop: expected 0 to 1, received ", options.center_crop);
  if (options.center_crop > 0 && (options.crop_to_aspect_ratio || options.pad_to_aspect_ratio)) {
    fail(ErrorKind::invalid_argument,
         "center_crop cannot be set together with pad_to_aspect_ratio or crop_to_aspect_ratio");
  }
}

/// Keras's smart_resize: the largest centred part of the target's aspect ratio.
template <typename T>
void crop(Source<T>& source, Size2D size) {
  const auto part = [](std::int64_t a, std::int64_t b, std::int64_t c) {
    return static_cast<std::int64_t>(static_cast<double>(a) * static_cast<double>(b) /
                                     static_cast<double>(c));
  };
  const std::int64_t height =
      std::clamp<std::int64_t>(part(source.width, size.height, size.width), 1, source.height);
  const std::int64_t width =
      std::clamp<std::int64_t>(part(source.height, size.width, size.height), 1, source.width);
  source.first +=
      (source.height - height) / 2 * source.row_stride + (source.width - width) / 2 * source.channels;
  source.height = height;
  source.width = width;
}

/// tf.image.resize_with_pad, which computes in float32: the part of the target that the picture fills.
template <typename T>
void pad(const Source<T>& source, Target& target) {
  const auto height = static_cast<float>(source.height);
  const auto width = static_cast<float>(source.width);
  const auto target_height = static_cast<float>(target.height);
  const auto target_width = static_cast<float>(target.width);
  const float ratio = std::max(width / target_width, height / target_height);
  const auto before = [](float whole, float part) {
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor((whole - part) / 2.0F)));
  };
  const std::int64_t top = before(target_height, height / ratio);
  const std::int64_t left = before(target_width, width / ratio);
  target.first += top * target.row_stride + left * source.channels;
  target.height = std::clamp<std::int64_t>(static_cast<std::int64_t>(height / ratio), 1, target.height - top);
  target.width = std::clamp<std::int64_t>(static_cast<std::int64_t>(width / ratio), 1, target.width - left);
}

template <typename T>
Tensor resize_as(const Tensor& image, Size2D size, const ResizeOptions& options) {
  const std::int64_t channels = image.shape()[2];
  const std::int64_t row = image.shape()[1] * channels;
  Source<T> source{image.data<T>().data(), image.shape()[0], image.shape()[1], channels, row};
  Tensor result(Shape{size.height, size.width, channels});
  Target target{result.data().data(), size.height, size.width, size.width * channels};
  if (options.crop_to_aspect_ratio) crop(source, size);
  if (options.pad_to_aspect_ratio) pad(source, target);

  const bool same = source.height == target.height && source.width == target.width;
  if (options.center_crop > 0 && !same) {
    resize_and_crop(source, target, options);
    return result;
  }
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    if (options.pillow && !same && options.interpolation != ResizeMethod::nearest) {
      resize_pillow(source, target, pillow_taps(options.interpolation, source.height, target.height),
                    pillow_taps(options.interpolation, source.width, target.width));
      return result;
    }
  }
  if (options.interpolation == ResizeMethod::nearest || same) {
    resize_nearest(source, target);
  } else if (options.interpolation == ResizeMethod::bilinear && !options.antialias) {
    resize_bilinear(source, target);
  } else {
    resize_separable(source, target, make_taps(options, source.height, target.height),
                     make_taps(options, source.width, target.width));
  }
  return result;
}

}  // namespace

std::string_view to_string(ResizeMethod interpolation) {
  for (const NamedMethod& named : kNames) {
    if (named.interpolation == interpolation) return named.name;
  }
  return "unknown";
}

ResizeMethod resize_method_from_name(std::string_view name) {
  for (const NamedMethod& named : kNames) {
    if (named.name == name) return named.interpolation;
  }
  fail(ErrorKind::invalid_argument, "interpolation: expected one of ", comma_list(kNames, &NamedMethod::name),
       "; received '", name, "'");
}

Tensor resize(const Tensor& image, Size2D size, const ResizeOptions& options) {
  check(image, size, options);
  return image.dtype() == DType::uint8 ? resize_as<std::uint8_t>(image, size, options)
                                       : resize_as<float>(image, size, options);
}

}  // namespace graft::data
