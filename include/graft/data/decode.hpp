// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "graft/base/size2d.hpp"
#include "graft/tensor/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft::data {

/// Channels of a decoded picture: rgb 3, grayscale 1, rgba 4.
enum class ColorMode { rgb, grayscale, rgba };
[[nodiscard]] int channels_of(ColorMode mode);
/// "rgb", "grayscale", "rgba": Keras's names.
[[nodiscard]] std::string_view to_string(ColorMode mode);

/// Whether the EXIF orientation (1 to 8) is applied. Keras ignores it.
enum class Exif { apply, ignore };

/// How JPEG's cosine transform is computed: accurate as Pillow and most viewers do; fast as TensorFlow's
/// decode_image does, which moves some values by a few levels.
enum class JpegDct { accurate, fast };

/// Whether a JPEG that will be shrunk may be decoded at 1/2, 1/4 or 1/8 of its size. That is faster and
/// averages pixels where a bilinear resize picks some of them, so values differ (docs/performance.md compares
/// both). exact: the values of Keras's pipeline.
enum class JpegScale { exact, reduced };
/// "exact" or "reduced". Throws Error{invalid_argument} naming both.
[[nodiscard]] JpegScale jpeg_scale_from_name(std::string_view name);
[[nodiscard]] std::string_view to_string(JpegScale scale);

/// Default limit of width times height: 13377 x 13377. A decoded rgb picture of that size needs 512 MiB.
inline constexpr std::int64_t kMaxPixels = 178'956'970;

struct DecodeOptions {
  ColorMode color_mode = ColorMode::rgb;
  Exif exif = Exif::apply;
  JpegDct jpeg_dct = JpegDct::accurate;
  JpegScale jpeg_scale = JpegScale::exact;
  /// Larger pictures are refused after reading the header, before memory is allocated.
  std::int64_t max_pixels = kMaxPixels;
};

enum class ImageFormat { unknown, jpeg, png, webp, gif, bmp, pnm, tiff, heif };
/// "JPEG", "PNG", ...
[[nodiscard]] std::string_view to_string(ImageFormat format);
/// The format by a file's first bytes (kImageHeadBytes are enough); file names are not used. heif means HEIC
/// and AVIF.
[[nodiscard]] ImageFormat image_format_of(std::span<const std::byte> head);
inline constexpr std::size_t kImageHeadBytes = 64;
/// Whether this build reads a format: all but unknown; heif only if built with libheif.
[[nodiscard]] bool can_decode(ImageFormat format);

/// Decodes a picture to uint8 (H, W, C), rows from the top, as a viewer shows it: 16-bit samples become
/// 8-bit, palettes and CMYK become rgb, of an animation the first frame is decoded, embedded colour profiles
/// and gamma are ignored (as Keras does). In modes rgb and grayscale transparent pixels are drawn on white.
/// grayscale is the luma 0.299 R + 0.587 G + 0.114 B. Threads: may be called from several threads at once.
/// Errors, each with a short reason: Error{bad_file} when the bytes are no picture, broken or end too early;
/// Error{unsupported} for what graft does not read (12-bit JPEG); Error{resource_limit} for more than
/// max_pixels.
[[nodiscard]] Tensor decode_image(std::span<const std::byte> bytes, const DecodeOptions& options = {});
/// The same for a picture that will be resized to `wanted`: with JpegScale::reduced a JPEG comes at the
/// smallest of its scales that has at least as many rows and columns.
[[nodiscard]] Tensor decode_image(std::span<const std::byte> bytes, const DecodeOptions& options,
                                  Size2D wanted);

/// Reads a file and decodes it; errors name the path. Error{not_found}, Error{io} when it cannot be read.
[[nodiscard]] Tensor read_image(const std::filesystem::path& path, const DecodeOptions& options = {});
/// The same for a picture that will be resized to `wanted`.
[[nodiscard]] Tensor read_image(const std::filesystem::path& path, const DecodeOptions& options,
                                Size2D wanted);

}  // namespace graft::data

#pragma GCC visibility pop
