// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include <tiffio.h>

#include "graft/base/fail.hpp"

#include "data/decode/picture.hpp"

namespace graft::data {
namespace {

/// The file in memory, and what libtiff first complained about.
struct TiffSource {
  Bytes bytes;
  std::uint64_t at = 0;
  bool hit_end = false;
  std::array<char, 256> message{};
};

TiffSource& source_of(thandle_t handle) { return *static_cast<TiffSource*>(handle); }

tmsize_t on_read(thandle_t handle, void* out, tmsize_t count) {
  TiffSource& source = source_of(handle);
  const std::uint64_t size = source.bytes.size();
  const std::uint64_t begin = std::min(source.at, size);
  const std::uint64_t given = std::min<std::uint64_t>(static_cast<std::uint64_t>(count), size - begin);
  if (given < static_cast<std::uint64_t>(count)) source.hit_end = true;
  if (given > 0) std::memcpy(out, source.bytes.data() + begin, given);
  source.at = begin + given;
  return static_cast<tmsize_t>(given);
}

tmsize_t on_write(thandle_t /*handle*/, void* /*bytes*/, tmsize_t /*count*/) { return -1; }

toff_t on_seek(thandle_t handle, toff_t offset, int whence) {
  TiffSource& source = source_of(handle);
  if (whence == SEEK_SET) source.at = offset;
  if (whence == SEEK_CUR) source.at += offset;
  if (whence == SEEK_END) source.at = source.bytes.size() + offset;
  if (source.at > source.bytes.size()) source.hit_end = true;
  return source.at;
}

int on_close(thandle_t /*handle*/) { return 0; }
toff_t on_size(thandle_t handle) { return source_of(handle).bytes.size(); }

int on_error(TIFF* /*tiff*/, void* user, const char* /*module*/, const char* format, std::va_list values) {
  auto& source = *static_cast<TiffSource*>(user);
  if (source.message[0] == 0) std::vsnprintf(source.message.data(), source.message.size(), format, values);
  return 1;
}

int on_warning(TIFF* /*tiff*/, void* /*user*/, const char* /*module*/, const char* /*format*/,
               std::va_list /*values*/) {
  return 1;
}

struct TiffFree {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};
using TiffPtr = std::unique_ptr<TIFF, TiffFree>;

TiffPtr open(TiffSource& source, std::int64_t max_pixels) {
  const std::unique_ptr<TIFFOpenOptions, TiffFree> options(TIFFOpenOptionsAlloc());
  // One strip or tile: 16-bit samples of four channels.
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), std::max<tmsize_t>(max_pixels, 1 << 20) * 8);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, &source);
  return TiffPtr(TIFFClientOpenExt("photo", "rm", &source, on_read, on_write, on_seek, on_close, on_size,
                                   nullptr, nullptr, options.get()));
}

[[noreturn]] void refuse(const TiffSource& source) {
  if (source.hit_end) fail_truncated("TIFF");
  const char* reason = source.message[0] != 0 ? source.message.data() : "its picture data is damaged";
  fail(ErrorKind::bad_file, "broken TIFF: ", reason);
}

/// libtiff's converter of every kind of TIFF to 8-bit RGBA.
struct Converter {
  TIFFRGBAImage image{};
  bool open = false;
  Converter() = default;
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (open) TIFFRGBAImageEnd(&image);
  }
};

/// Packed ABGR words to bytes; libtiff returns colours multiplied by alpha.
void unpack(const std::vector<std::uint32_t>& raster, std::uint8_t* out, bool has_alpha) {
  for (const std::uint32_t word : raster) {
    const std::array<std::uint32_t, 4> value{TIFFGetR(word), TIFFGetG(word), TIFFGetB(word), TIFFGetA(word)};
    const std::uint32_t alpha = value[3];
    for (std::size_t c = 0; c < 3; ++c) {
      const bool straight = !has_alpha || alpha == 0;
      *out++ = static_cast<std::uint8_t>(straight ? value[c]
                                                  : std::min(255U, (value[c] * 255U + alpha / 2) / alpha));
    }
    if (has_alpha) *out++ = static_cast<std::uint8_t>(alpha);
  }
}

}  // namespace

Picture decode_tiff(Bytes bytes, const DecodeOptions& options) {
  TiffSource source{.bytes = bytes};
  const TiffPtr tiff = open(source, options.max_pixels);
  if (!tiff) refuse(source);
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint16_t orientation = 1;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_ORIENTATION, &orientation);
  if (width == 0 || height == 0) refuse(source);
  check_size("TIFF", width, height, options.max_pixels);

  std::array<char, 1024> reason{};
  if (TIFFRGBAImageOK(tiff.get(), reason.data()) == 0)
    fail(ErrorKind::unsupported, "this kind of TIFF is not supported: ", reason.data());
  Converter converter;
  converter.open = TIFFRGBAImageBegin(&converter.image, tiff.get(), 1, reason.data()) != 0;
  if (!converter.open) fail(ErrorKind::bad_file, "broken TIFF: ", reason.data());
  // Rows as stored: the orientation is applied with everybody else's.
  converter.image.req_orientation = converter.image.orientation;
  std::vector<std::uint32_t> raster(static_cast<std::size_t>(width) * height);
  source.hit_end = false;
  if (TIFFRGBAImageGet(&converter.image, raster.data(), width, height) == 0 || source.hit_end) refuse(source);

  const bool has_alpha = converter.image.alpha != 0;
  Tensor pixels(Shape{height, width, has_alpha ? 4 : 3}, DType::uint8);
  unpack(raster, pixels.data<std::uint8_t>().data(), has_alpha);
  return {.pixels = pixels, .orientation = orientation};
}

}  // namespace graft::data
