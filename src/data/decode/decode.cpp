// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/image.hpp"

#include "data/decode/foreign_format.hpp"
#include "data/decode/picture.hpp"
#include "data/listing/files.hpp"

namespace graft::data {
namespace {

Picture decode_as(ImageFormat format, Bytes bytes, const DecodeOptions& options,
                  const std::optional<WantedPixels>& wanted) {
  switch (format) {
    case ImageFormat::jpeg:
      return decode_jpeg(bytes, options, wanted);
    case ImageFormat::png:
      return decode_png(bytes, options);
    case ImageFormat::webp:
      return decode_webp(bytes, options);
    case ImageFormat::gif:
      return decode_gif(bytes, options);
    case ImageFormat::bmp:
      return decode_bmp(bytes, options);
    case ImageFormat::pnm:
      return decode_pnm(bytes, options);
    case ImageFormat::tiff:
      return decode_tiff(bytes, options);
    case ImageFormat::heif:
      return decode_heif(bytes, options);
    case ImageFormat::unknown:
      break;
  }
  const std::string_view foreign = foreign_format(bytes);
  if (!foreign.empty()) fail(ErrorKind::unsupported, foreign_format_reason(foreign));
  const std::string_view text = text_reason(bytes.first(std::min(bytes.size(), kForeignHeadBytes)));
  if (!text.empty()) fail(ErrorKind::bad_file, text);
  fail(ErrorKind::bad_file, "not an image (JPEG, PNG, WebP, GIF, BMP, PNM, TIFF",
       has_heif() ? ", HEIC, AVIF" : "", ")");
}

/// Pictures whose brightest value is below this show nothing to a person: often 10 or 12 bits in 16.
constexpr std::uint8_t kNearlyBlack = 20;

Tensor decode(Bytes bytes, const DecodeOptions& options, const std::optional<WantedPixels>& wanted,
              std::string* note = nullptr) {
  if (bytes.empty()) fail(ErrorKind::bad_file, "empty file");
  Picture picture = decode_as(image_format_of(bytes), bytes, options, wanted);
  if (note != nullptr) {
    *note = picture.note;
    const auto values = picture.pixels.data<std::uint8_t>();
    const bool has_alpha = picture.pixels.shape()[2] == 4;
    if (note->empty() && !has_alpha &&
        std::ranges::none_of(values, [](std::uint8_t value) { return value >= kNearlyBlack; }))
      *note = "nearly black";
  }
  Tensor pixels = to_color_mode(picture.pixels, options.color_mode);
  picture.pixels = Tensor();
  return options.exif == Exif::apply ? turn(pixels, picture.orientation) : pixels;
}

/// Only with JpegScale::reduced the wanted size matters.
std::optional<WantedPixels> wanted_of(const DecodeOptions& options, const std::optional<Size2D>& size,
                                      bool one_side = false) {
  if (!size || options.jpeg_scale != JpegScale::reduced) return std::nullopt;
  return WantedPixels{.size = *size, .one_side = one_side};
}

template <typename Decode>
Tensor read(const std::filesystem::path& path, const Decode& decode_bytes) {
  try {
    return decode_bytes(read_bytes(path));
  } catch (const Error& error) {
    fail(error.kind(), path.string(), ": ", error.what());
  }
}

}  // namespace

int channels_of(ColorMode mode) {
  switch (mode) {
    case ColorMode::grayscale:
      return 1;
    case ColorMode::rgba:
      return 4;
    case ColorMode::rgb:
      break;
  }
  return 3;
}

std::string_view to_string(ColorMode mode) {
  switch (mode) {
    case ColorMode::grayscale:
      return "grayscale";
    case ColorMode::rgba:
      return "rgba";
    case ColorMode::rgb:
      break;
  }
  return "rgb";
}

std::string_view to_string(Exif exif) { return exif == Exif::apply ? "apply" : "ignore"; }

JpegScale jpeg_scale_from_name(std::string_view name) {
  for (const JpegScale scale : {JpegScale::exact, JpegScale::reduced}) {
    if (name == to_string(scale)) return scale;
  }
  fail(ErrorKind::invalid_argument, "scale of JPEG: expected exact or reduced, received ", name);
}

std::string_view to_string(JpegScale scale) { return scale == JpegScale::exact ? "exact" : "reduced"; }

Tensor decode_noting(Bytes bytes, const DecodeOptions& options, const std::optional<Size2D>& wanted,
                     std::string& note) {
  return decode(bytes, options, wanted_of(options, wanted), &note);
}

Tensor decode_image(std::span<const std::byte> bytes, const DecodeOptions& options) {
  return decode(bytes, options, std::nullopt);
}

Tensor decode_image(std::span<const std::byte> bytes, const DecodeOptions& options, Size2D wanted) {
  return decode(bytes, options, wanted_of(options, wanted));
}

Tensor read_image(const std::filesystem::path& path, const DecodeOptions& options) {
  return read(path, [&](Bytes bytes) { return decode_image(bytes, options); });
}

Tensor read_image(const std::filesystem::path& path, const DecodeOptions& options, Size2D wanted) {
  return read(path, [&](Bytes bytes) { return decode_image(bytes, options, wanted); });
}

Tensor read_for_longer_side(const std::filesystem::path& path, const DecodeOptions& options,
                            std::int64_t side) {
  return read(path,
              [&](Bytes bytes) { return decode(bytes, options, wanted_of(options, Size2D(side), true)); });
}

}  // namespace graft::data
