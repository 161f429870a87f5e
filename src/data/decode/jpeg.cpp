// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include <jpeglib.h>
// After jpeglib.h.
#include <jerror.h>

#include "graft/base/fail.hpp"

#include "data/decode/picture.hpp"

namespace graft::data {
namespace {

/// Scans of a progressive file cost time each: no encoder writes as many.
constexpr int kMostScans = 500;

/// libjpeg's state with what it reports. Plain data: longjmp runs no destructors.
struct JpegReader {
  jpeg_decompress_struct info;
  jpeg_error_mgr errors;
  jpeg_progress_mgr progress;
  std::jmp_buf escape;
  std::array<char, JMSG_LENGTH_MAX> message;
  int fatal_code;
  bool hit_end;     // bytes were requested after the last one
  bool lacks_data;  // and needed: pixels are missing
  bool corrupt;     // codes that do not exist
};

JpegReader& reader_of(j_common_ptr info) { return *static_cast<JpegReader*>(info->client_data); }

[[noreturn]] void on_error(j_common_ptr info) {
  JpegReader& reader = reader_of(info);
  reader.fatal_code = reader.errors.msg_code;
  reader.errors.format_message(info, reader.message.data());
  std::longjmp(reader.escape, 1);
}

/// Most warnings are harmless (bytes between markers, odd JFIF versions, bad colour profiles); these are not.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  JpegReader& reader = reader_of(info);
  switch (reader.errors.msg_code) {
    case JWRN_JPEG_EOF:
      reader.hit_end = true;
      break;
    case JWRN_HIT_MARKER:
      reader.lacks_data = true;
      break;
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
      reader.corrupt = true;
      break;
    default:
      break;
  }
}

void on_progress(j_common_ptr info) {
  JpegReader& reader = reader_of(info);
  if (reader.info.input_scan_number > kMostScans) {
    std::snprintf(reader.message.data(), reader.message.size(), "more than %d scans", kMostScans);
    std::longjmp(reader.escape, 1);
  }
}

struct JpegOwner {
  JpegReader reader{};
  JpegOwner() {
    reader.info.err = jpeg_std_error(&reader.errors);
    reader.errors.error_exit = on_error;
    reader.errors.emit_message = on_message;
    reader.info.client_data = &reader;
  }
  ~JpegOwner() { jpeg_destroy_decompress(&reader.info); }
  JpegOwner(const JpegOwner&) = delete;
  JpegOwner& operator=(const JpegOwner&) = delete;
};

bool read_header(JpegReader& reader, Bytes bytes) {
  if (setjmp(reader.escape) != 0) return false;
  jpeg_create_decompress(&reader.info);
  reader.info.client_data = &reader;
  reader.progress.progress_monitor = on_progress;
  reader.info.progress = &reader.progress;
  jpeg_save_markers(&reader.info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_mem_src(&reader.info, reinterpret_cast<const unsigned char*>(bytes.data()),
               static_cast<unsigned long>(bytes.size()));
  return jpeg_read_header(&reader.info, TRUE) == JPEG_HEADER_OK;
}

bool start(JpegReader& reader, J_COLOR_SPACE color_space, J_DCT_METHOD dct) {
  if (setjmp(reader.escape) != 0) return false;
  reader.info.out_color_space = color_space;
  reader.info.dct_method = dct;
  return jpeg_start_decompress(&reader.info) == TRUE;
}

bool read_rows(JpegReader& reader, unsigned char* out, std::size_t row_bytes) {
  if (setjmp(reader.escape) != 0) return false;
  while (reader.info.output_scanline < reader.info.output_height) {
    JSAMPROW row = out + static_cast<std::size_t>(reader.info.output_scanline) * row_bytes;
    jpeg_read_scanlines(&reader.info, &row, 1);
  }
  return true;
}

/// For a file that ended early: whether part of the picture is missing. Huffman codes that lack report it; of
/// a progressive file whole scans may be missing, which shows in coefficients not known to their last bit;
/// the arithmetic decoder reads zeros for missing bytes.
bool lacks_scans(const JpegReader& reader) {
  const jpeg_decompress_struct& info = reader.info;
  if (info.arith_code == TRUE) return true;
  if (info.coef_bits == nullptr) return jpeg_has_multiple_scans(const_cast<j_decompress_ptr>(&info)) == TRUE;
  for (int c = 0; c < info.num_components; ++c) {
    for (int k = 0; k < DCTSIZE2; ++k) {
      if (info.coef_bits[c][k] != 0) return true;
    }
  }
  return false;
}

[[noreturn]] void refuse(const JpegReader& reader) {
  if (reader.fatal_code == JERR_BAD_PRECISION || reader.info.data_precision == 12)
    fail(ErrorKind::unsupported, "12-bit JPEG is not supported");
  if (reader.fatal_code == JERR_SOF_UNSUPPORTED)
    fail(ErrorKind::unsupported, "this kind of JPEG (lossless or hierarchical) is not supported");
  if (reader.hit_end || reader.fatal_code == JERR_INPUT_EOF) fail_truncated("JPEG");
  fail(ErrorKind::bad_file, "broken JPEG: ", reader.message.data());
}

/// CMYK in JPEG is inverted, as Adobe's programs write it: also without their marker, which other programs
/// strip. Pillow and browsers read it so.
void cmyk_to_rgb(const std::uint8_t* in, std::uint8_t* out, std::size_t pixels) {
  for (std::size_t i = 0; i < pixels; ++i, in += 4, out += 3) {
    for (std::size_t c = 0; c < 3; ++c) {
      const unsigned product = static_cast<unsigned>(in[c]) * in[3];
      out[c] = static_cast<std::uint8_t>((product + 127U) / 255U);
    }
  }
}

/// That of EXIF, else that of XMP.
int orientation_of(const jpeg_decompress_struct& info) {
  int by_xmp = 1;
  for (const jpeg_marker_struct* marker = info.marker_list; marker != nullptr; marker = marker->next) {
    if (marker->marker != JPEG_APP0 + 1 || marker->data_length < 6) continue;
    const std::string_view block(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (block.starts_with(std::string_view("Exif\0", 5))) {
      return exif_orientation({reinterpret_cast<const std::byte*>(marker->data), marker->data_length});
    }
    if (block.starts_with("http://ns.adobe.com/xap/1.0/")) by_xmp = xmp_orientation(block);
  }
  return by_xmp;
}

J_COLOR_SPACE wanted_space(const jpeg_decompress_struct& info, ColorMode mode) {
  const J_COLOR_SPACE stored = info.jpeg_color_space;
  if (stored == JCS_CMYK || stored == JCS_YCCK) return JCS_CMYK;
  if (stored == JCS_GRAYSCALE) return JCS_GRAYSCALE;
  // The first component is the luma already.
  return mode == ColorMode::grayscale && stored == JCS_YCbCr ? JCS_GRAYSCALE : JCS_RGB;
}

/// The smallest of 1/8, 1/4, 1/2 and the whole that leaves at least the wanted height and width, or one of
/// them where that is enough.
void choose_scale(jpeg_decompress_struct& info, Exif exif, const WantedPixels& wanted) {
  const bool sideways = exif == Exif::apply && orientation_of(info) >= 5;  // will be rotated by 90 degrees
  const auto rows = static_cast<std::int64_t>(sideways ? info.image_width : info.image_height);
  const auto columns = static_cast<std::int64_t>(sideways ? info.image_height : info.image_width);
  const auto is_enough = [&](std::int64_t denominator) {
    const bool high = rows / denominator >= wanted.size.height;
    const bool wide = columns / denominator >= wanted.size.width;
    return wanted.one_side ? high || wide : high && wide;
  };
  info.scale_num = 1;
  info.scale_denom = 8;
  while (info.scale_denom > 1 && !is_enough(info.scale_denom)) info.scale_denom /= 2;
}

}  // namespace

Picture decode_jpeg(Bytes bytes, const DecodeOptions& options, const std::optional<WantedPixels>& wanted) {
  JpegOwner owner;
  JpegReader& reader = owner.reader;
  if (!read_header(reader, bytes)) refuse(reader);
  if (reader.info.data_precision != 8) refuse(reader);
  check_size("JPEG", reader.info.image_width, reader.info.image_height, options.max_pixels);
  if (wanted) choose_scale(reader.info, options.exif, *wanted);
  const J_DCT_METHOD dct = options.jpeg_dct == JpegDct::fast ? JDCT_IFAST : JDCT_ISLOW;
  if (!start(reader, wanted_space(reader.info, options.color_mode), dct)) refuse(reader);

  const auto height = static_cast<std::int64_t>(reader.info.output_height);
  const auto width = static_cast<std::int64_t>(reader.info.output_width);
  const int channels = reader.info.output_components;
  Tensor pixels(Shape{height, width, channels}, DType::uint8);
  std::uint8_t* out = pixels.data<std::uint8_t>().data();
  if (!read_rows(reader, out, static_cast<std::size_t>(width * channels))) refuse(reader);
  if (reader.lacks_data || (reader.hit_end && lacks_scans(reader))) {
    if (reader.hit_end) fail_truncated("JPEG");
    fail(ErrorKind::bad_file, "broken JPEG: picture data is missing");
  }
  if (reader.corrupt) fail(ErrorKind::bad_file, "broken JPEG: its picture data is damaged");

  if (reader.info.out_color_space == JCS_CMYK) {
    Tensor rgb(Shape{height, width, 3}, DType::uint8);
    cmyk_to_rgb(out, rgb.data<std::uint8_t>().data(), static_cast<std::size_t>(height * width));
    pixels = rgb;
  }
  return {.pixels = pixels, .orientation = orientation_of(reader.info)};
}

}  // namespace graft::data
