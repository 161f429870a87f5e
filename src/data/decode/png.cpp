// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <png.h>

#include "graft/base/fail.hpp"

#include "data/decode/picture.hpp"

namespace graft::data {
namespace {

/// Limit of one unpacked ancillary chunk; no real colour profile is as large.
constexpr png_alloc_size_t kMostChunkBytes = 8U << 20U;
constexpr png_uint_32 kMostChunks = 1000;
/// With texts, whose chunks stay in memory, fewer.
constexpr png_uint_32 kMostTexts = 16;
/// Notes of the orientation are searched in this many bytes of a file: they come before the picture.
constexpr std::size_t kTextsWithin = std::size_t{1} << 20U;

/// libpng's state. Plain data: longjmp runs no destructors.
struct PngReader {
  png_structp png;
  png_infop info;
  const std::byte* next;
  std::size_t left;
  bool hit_end;
  std::array<char, 128> message;
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto& reader = *static_cast<PngReader*>(png_get_error_ptr(png));
  std::snprintf(reader.message.data(), reader.message.size(), "%s", message);
  png_longjmp(png, 1);
}

void on_warning(png_structp /*png*/, png_const_charp /*message*/) {}

void on_read(png_structp png, png_bytep out, std::size_t count) {
  auto& reader = *static_cast<PngReader*>(png_get_io_ptr(png));
  if (count > reader.left) {
    reader.hit_end = true;
    png_error(png, "end of file");
  }
  std::memcpy(out, reader.next, count);
  reader.next += count;
  reader.left -= count;
}

struct PngOwner {
  PngReader reader{};
  PngOwner() = default;
  PngOwner(const PngOwner&) = delete;
  PngOwner& operator=(const PngOwner&) = delete;
  ~PngOwner() { png_destroy_read_struct(&reader.png, &reader.info, nullptr); }
};

/// Texts in which programs other than cameras note the orientation: ImageMagick's and XMP.
constexpr std::array<std::string_view, 3> kOrientationTexts{"Raw profile type exif", "Raw profile type APP1",
                                                            "XML:com.adobe.xmp"};

/// Whether a chunk of text with one of these names may be in the file.
bool mentions_orientation(Bytes bytes) {
  const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string_view head = file.substr(0, kTextsWithin);
  return std::ranges::any_of(kOrientationTexts,
                             [&](std::string_view name) { return head.find(name) != head.npos; });
}

/// Texts without a note of the orientation and colour profiles are of no use here and a place to hide bombs
/// in: they are passed over.
void skip_idle_chunks(png_structp png, bool with_texts) {
  static constexpr std::array<const char*, 7> kNames{"iCCP", "sPLT", "hIST", "pCAL", "tEXt", "zTXt", "iTXt"};
  constexpr std::size_t kTexts = 3;
  std::array<png_byte, kNames.size() * 5> list{};
  for (std::size_t i = 0; i < kNames.size(); ++i) std::memcpy(&list[i * 5], kNames[i], 5);
  const std::size_t skipped = kNames.size() - (with_texts ? kTexts : 0);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, list.data(), static_cast<int>(skipped));
}

bool read_header(PngReader& reader, bool with_texts) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_set_read_fn(reader.png, &reader, on_read);
  png_set_user_limits(reader.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(reader.png, kMostChunkBytes);
  png_set_chunk_cache_max(reader.png, with_texts ? kMostTexts : kMostChunks);
  skip_idle_chunks(reader.png, with_texts);
  png_read_info(reader.png, reader.info);
  return true;
}

/// Asks for 8 bits (the upper ones of 16, as Keras does), no palette, tRNS as alpha.
bool set_transforms(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_set_expand(reader.png);
  png_set_strip_16(reader.png);
  const png_byte type = png_get_color_type(reader.png, reader.info);
  const bool has_alpha =
      (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(reader.png, reader.info, PNG_INFO_tRNS) != 0;
  if (has_alpha) png_set_gray_to_rgb(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool read_rows(PngReader& reader, png_bytep* rows) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_image(reader.png, rows);
  return true;
}

/// Chunks after the picture may hold the EXIF block. A defect in them does not matter: the picture is
/// complete.
void read_end(PngReader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return;
  png_read_end(reader.png, reader.info);
}

/// The block of an ImageMagick text: "\nexif\n      32\n4578696600...".
std::string block_of(std::string_view text) {
  std::size_t at = 0;  // after the third line break
  for (int line = 0; line < 3; ++line) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return {};
    at = end + 1;
  }
  std::string block;
  int high = -1;
  for (const char c : text.substr(at)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) continue;
    if (high >= 0) block += static_cast<char>(high * 16 + digit);
    high = high >= 0 ? -1 : digit;
  }
  return block;
}

int orientation_in_texts(PngReader& reader) {
  png_textp texts = nullptr;
  int count = 0;
  png_get_text(reader.png, reader.info, &texts, &count);
  for (int i = 0; i < count; ++i) {
    const std::string_view name = texts[i].key;
    if (std::ranges::find(kOrientationTexts, name) == kOrientationTexts.end() || texts[i].text == nullptr)
      continue;
    const std::string_view text = texts[i].text;
    if (name == kOrientationTexts.back()) return xmp_orientation(text);
    const std::string block = block_of(text);
    return exif_orientation({reinterpret_cast<const std::byte*>(block.data()), block.size()});
  }
  return 1;
}

/// That of the EXIF chunk, else that of texts.
int orientation_of(PngReader& reader) {
  png_uint_32 size = 0;
  png_bytep block = nullptr;
  if (png_get_eXIf_1(reader.png, reader.info, &size, &block) == 0 || block == nullptr)
    return orientation_in_texts(reader);
  return exif_orientation({reinterpret_cast<const std::byte*>(block), size});
}

[[noreturn]] void refuse(const PngReader& reader) {
  const std::string_view message = reader.message.data();
  if (reader.hit_end || message.find("Not enough image data") != message.npos) fail_truncated("PNG");
  fail(ErrorKind::bad_file, "broken PNG: ", message);
}

}  // namespace

Picture decode_png(Bytes bytes, const DecodeOptions& options) {
  PngOwner owner;
  PngReader& reader = owner.reader;
  reader.next = bytes.data();
  reader.left = bytes.size();
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, on_error, on_warning);
  if (reader.png != nullptr) reader.info = png_create_info_struct(reader.png);
  if (reader.info == nullptr) fail(ErrorKind::resource_limit, "not enough memory for libpng");
  if (!read_header(reader, mentions_orientation(bytes))) refuse(reader);
  const auto width = static_cast<std::int64_t>(png_get_image_width(reader.png, reader.info));
  const auto height = static_cast<std::int64_t>(png_get_image_height(reader.png, reader.info));
  check_size("PNG", width, height, options.max_pixels);
  if (!set_transforms(reader)) refuse(reader);

  const int channels = png_get_channels(reader.png, reader.info);
  const std::size_t row_bytes = png_get_rowbytes(reader.png, reader.info);
  if (channels == 2 || row_bytes != static_cast<std::size_t>(width * channels))
    fail(ErrorKind::internal, "PNG: libpng returns ", channels, " channels in rows of ", row_bytes, " bytes");
  Tensor pixels(Shape{height, width, channels}, DType::uint8);
  std::vector<png_bytep> rows(static_cast<std::size_t>(height));
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = pixels.data<std::uint8_t>().data() + y * row_bytes;
  if (!read_rows(reader, rows.data())) refuse(reader);
  read_end(reader);
  return {.pixels = pixels, .orientation = orientation_of(reader)};
}

}  // namespace graft::data
