// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
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

/// Goes to the first picture that is not marked as a smaller copy of another one. Cameras' raw files are
/// TIFFs whose first picture, and often only one at this level, is such a thumbnail.
void skip_thumbnails(TIFF* tiff, Bytes bytes) {
  const auto is_thumbnail = [&] {
    std::uint32_t type = 0;
    return TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &type) == 1 && (type & FILETYPE_REDUCEDIMAGE) != 0;
  };
  constexpr int kMostDirectories = 64;
  int passed = 0;
  while (is_thumbnail() && passed < kMostDirectories && TIFFReadDirectory(tiff) == 1) ++passed;
  constexpr std::string_view kCanonMark("CR\x02", 3);
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                              std::min<std::size_t>(bytes.size(), 16));
  if (is_thumbnail() || (head.size() > 11 && head.substr(8).starts_with(kCanonMark))) {
    fail(ErrorKind::unsupported,
         "a TIFF that holds only a thumbnail at its first level: a raw camera file, which graft does not "
         "read; "
         "convert it to JPEG or PNG");
  }
}

/// Lab (D50, as in print) to sRGB (D65), 0 to 255.
void lab_to_rgb(const std::uint8_t* lab, std::uint8_t* out) {
  const double l = (lab[0] * 100.0 / 255.0 + 16) / 116;
  const double a = static_cast<std::int8_t>(lab[1]) / 500.0;
  const double b = static_cast<std::int8_t>(lab[2]) / 200.0;
  const auto inverse = [](double f) { return f > 6.0 / 29 ? f * f * f : (f - 4.0 / 29) * 108 / 841; };
  const std::array<double, 3> xyz{0.9642 * inverse(l + a), inverse(l), 0.8251 * inverse(l - b)};
  // From D50 by Bradford's adaptation to the primaries of sRGB.
  constexpr std::array<std::array<double, 3>, 3> kToRgb{{{3.1338561, -1.6168667, -0.4906146},
                                                         {-0.9787684, 1.9161415, 0.0334540},
                                                         {0.0719453, -0.2289914, 1.4052427}}};
  for (std::size_t c = 0; c < 3; ++c) {
    const double linear = kToRgb[c][0] * xyz[0] + kToRgb[c][1] * xyz[1] + kToRgb[c][2] * xyz[2];
    const double value =
        linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(std::max(linear, 0.0), 1 / 2.4) - 0.055;
    out[c] = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 1.0) * 255));
  }
}

/// libtiff converts Lab for another white than paper's, which makes white yellow.
Tensor decode_lab(TIFF* tiff, TiffSource& source, std::uint32_t width, std::uint32_t height) {
  std::uint16_t bits = 0;
  std::uint16_t samples = 0;
  std::uint16_t planes = 1;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planes);
  if (bits != 8 || samples < 3 || planes != PLANARCONFIG_CONTIG || TIFFIsTiled(tiff) != 0)
    fail(ErrorKind::unsupported, "this kind of CIELab TIFF is not supported: expected 8 bits in strips");
  Tensor pixels(Shape{height, width, 3}, DType::uint8);
  std::uint8_t* out = pixels.data<std::uint8_t>().data();
  const auto row_bytes = static_cast<std::size_t>(std::max<tmsize_t>(TIFFScanlineSize(tiff), 0));
  std::vector<std::uint8_t> row(std::max(row_bytes, static_cast<std::size_t>(width) * samples));
  source.hit_end = false;
  for (std::uint32_t y = 0; y < height; ++y) {
    if (TIFFReadScanline(tiff, row.data(), y, 0) != 1 || source.hit_end) refuse(source);
    for (std::uint32_t x = 0; x < width; ++x, out += 3)
      lab_to_rgb(&row[static_cast<std::size_t>(x) * samples], out);
  }
  return pixels;
}

/// Which samples beyond the colours are alpha, and which are bands that a viewer does not show.
struct Samples {
  bool has_alpha = false;
  std::string note;
};

Samples samples_of(TIFF* tiff, bool converter_has_alpha) {
  std::uint16_t samples = 1;
  std::uint16_t photometric = 0;
  std::uint16_t extra_count = 0;
  std::uint16_t* extra = nullptr;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extra);
  // An unspecified sample (infrared, for example) is not alpha, though libtiff uses it so.
  const bool unspecified = extra_count > 0 && extra != nullptr && extra[0] == EXTRASAMPLE_UNSPECIFIED;
  Samples result{.has_alpha = converter_has_alpha && !unspecified, .note = {}};
  const unsigned colours = photometric == PHOTOMETRIC_SEPARATED                                 ? 4
                           : photometric == PHOTOMETRIC_RGB || photometric == PHOTOMETRIC_YCBCR ? 3
                                                                                                : 1;
  const unsigned shown = colours + (result.has_alpha ? 1 : 0);
  if (samples > shown) {
    result.note =
        cat(samples, " bands, of which ",
            colours == 1 ? "only the first is used, as grey" : cat("only the first ", colours, " are used"));
  }
  return result;
}

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
  skip_thumbnails(tiff.get(), bytes);
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint16_t orientation = 1;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_ORIENTATION, &orientation);
  if (width == 0 || height == 0) refuse(source);
  check_size("TIFF", width, height, options.max_pixels);
  std::uint16_t photometric = 0;
  if (TIFFGetField(tiff.get(), TIFFTAG_PHOTOMETRIC, &photometric) == 1 && photometric == PHOTOMETRIC_CIELAB)
    return {.pixels = decode_lab(tiff.get(), source, width, height), .orientation = orientation};

  std::uint16_t bits = 0;
  if (TIFFGetField(tiff.get(), TIFFTAG_BITSPERSAMPLE, &bits) == 1 && bits > 16) {
    fail(ErrorKind::unsupported, "a TIFF with ", bits,
         " bits for each number, of which graft does not know what is black and white; convert it to 8 or 16 "
         "bits");
  }
  std::array<char, 1024> reason{};
  if (TIFFRGBAImageOK(tiff.get(), reason.data()) == 0)
    fail(ErrorKind::unsupported, "this kind of TIFF is not supported: ", reason.data());
  Converter converter;
  converter.open = TIFFRGBAImageBegin(&converter.image, tiff.get(), 1, reason.data()) != 0;
  if (!converter.open) fail(ErrorKind::bad_file, "broken TIFF: ", reason.data());
  // Rows as stored: decode() applies the orientation of all formats.
  converter.image.req_orientation = converter.image.orientation;
  std::vector<std::uint32_t> raster(static_cast<std::size_t>(width) * height);
  source.hit_end = false;
  if (TIFFRGBAImageGet(&converter.image, raster.data(), width, height) == 0 || source.hit_end) refuse(source);

  const Samples samples = samples_of(tiff.get(), converter.image.alpha != 0);
  Tensor pixels(Shape{height, width, samples.has_alpha ? 4 : 3}, DType::uint8);
  unpack(raster, pixels.data<std::uint8_t>().data(), samples.has_alpha);
  return {.pixels = pixels, .orientation = orientation, .note = samples.note};
}

}  // namespace graft::data
