// SPDX-License-Identifier: Apache-2.0
// What every decoder hands back, and what is common to all of them after that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "graft/image.hpp"
#include "graft/tensor.hpp"

namespace graft::data {

using Bytes = std::span<const std::byte>;

/// A picture as stored in its file: not rotated, alpha not applied.
struct Picture {
  Tensor pixels;        ///< uint8 (H, W, C); C: 1 grey, 3 rgb, 4 rgb with straight alpha
  int orientation = 1;  ///< EXIF, 1 to 8
  std::string note{};   ///< what of the file is not used: "5 bands, of which the first is used"
};

/// Throws Error{bad_file} for a size without pixels and Error{resource_limit} for one beyond the limit. To be
/// called before memory for the picture is taken.
void check_size(std::string_view format, std::int64_t width, std::int64_t height, std::int64_t max_pixels);

/// Throws Error{bad_file} "truncated JPEG: the file ends before the picture does".
[[noreturn]] void fail_truncated(std::string_view format);

/// The orientation in an EXIF block (with or without the leading "Exif\0\0"); 1 when there is none or it is
/// broken.
[[nodiscard]] int exif_orientation(Bytes block);

/// tiff:Orientation in a block of XMP; 1 when there is none.
[[nodiscard]] int xmp_orientation(std::string_view block);

/// decode_image() that also reports what a person should know of the picture: that a part of it is not used,
/// or that it is nearly black. Empty: nothing.
[[nodiscard]] Tensor decode_noting(Bytes bytes, const DecodeOptions& options,
                                   const std::optional<Size2D>& wanted, std::string& note);

/// The picture rotated according to its orientation.
[[nodiscard]] Tensor turn(const Tensor& pixels, int orientation);

/// Applies alpha on white and converts between 1, 3 and 4 channels.
[[nodiscard]] Tensor to_color_mode(const Tensor& pixels, ColorMode mode);

/// What a picture is decoded for, so that a JPEG may be read at a fraction of its size: the least height and
/// width, after rotation.
struct WantedPixels {
  Size2D size;
  bool one_side = false;  ///< one of the two is enough: the picture will keep its aspect ratio
};

/// read_image() for a copy that keeps the aspect ratio and whose longer side has `side` pixels: with
/// JpegScale::reduced the longer side is no shorter, the other one may be.
[[nodiscard]] Tensor read_for_longer_side(const std::filesystem::path& path, const DecodeOptions& options,
                                          std::int64_t side);

/// wanted: empty: full size.
[[nodiscard]] Picture decode_jpeg(Bytes bytes, const DecodeOptions& options,
                                  const std::optional<WantedPixels>& wanted);
[[nodiscard]] Picture decode_png(Bytes bytes, const DecodeOptions& options);
[[nodiscard]] Picture decode_webp(Bytes bytes, const DecodeOptions& options);
[[nodiscard]] Picture decode_gif(Bytes bytes, const DecodeOptions& options);
[[nodiscard]] Picture decode_bmp(Bytes bytes, const DecodeOptions& options);
[[nodiscard]] Picture decode_pnm(Bytes bytes, const DecodeOptions& options);
[[nodiscard]] Picture decode_tiff(Bytes bytes, const DecodeOptions& options);
/// HEIC and AVIF. In a build without libheif it throws Error{unsupported}.
[[nodiscard]] Picture decode_heif(Bytes bytes, const DecodeOptions& options);
[[nodiscard]] bool has_heif();

}  // namespace graft::data
