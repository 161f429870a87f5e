// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include <gif_lib.h>

#include "graft/base/fail.hpp"

#include "data/decode/picture.hpp"

namespace graft::data {
namespace {

struct GifSource {
  Bytes left;
  bool hit_end = false;
};

int on_read(GifFileType* gif, GifByteType* out, int count) {
  auto& source = *static_cast<GifSource*>(gif->UserData);
  const std::size_t wanted = count > 0 ? static_cast<std::size_t>(count) : 0;
  const std::size_t given = std::min(wanted, source.left.size());
  if (given < wanted) source.hit_end = true;
  if (given > 0) std::memcpy(out, source.left.data(), given);
  source.left = source.left.subspan(given);
  return static_cast<int>(given);
}

struct Close {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};

[[noreturn]] void refuse(const GifSource& source, const char* what) {
  if (source.hit_end) fail_truncated("GIF");
  fail(ErrorKind::bad_file, "broken GIF: ", what);
}

/// Skips what precedes the first frame; returns the colour index that is transparent, or -1.
int find_first_frame(GifFileType* gif, const GifSource& source) {
  int transparent = NO_TRANSPARENT_COLOR;
  for (GifRecordType type = UNDEFINED_RECORD_TYPE; type != IMAGE_DESC_RECORD_TYPE;) {
    if (DGifGetRecordType(gif, &type) == GIF_ERROR) refuse(source, "an unknown block");
    if (type == TERMINATE_RECORD_TYPE) refuse(source, "it holds no picture");
    if (type != EXTENSION_RECORD_TYPE) continue;
    int code = 0;
    GifByteType* block = nullptr;
    if (DGifGetExtension(gif, &code, &block) == GIF_ERROR) refuse(source, "an extension cannot be read");
    GraphicsControlBlock control;
    if (code == GRAPHICS_EXT_FUNC_CODE && block != nullptr &&
        DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
      transparent = control.TransparentColor;
    while (block != nullptr) {
      if (DGifGetExtensionNext(gif, &block) == GIF_ERROR) refuse(source, "an extension cannot be read");
    }
  }
  return transparent;
}

/// Rows of an interlaced frame come in four passes.
std::vector<int> row_order(int height, bool interlaced) {
  std::vector<int> rows;
  constexpr std::array kFirst{0, 4, 2, 1};
  constexpr std::array kStep{8, 8, 4, 2};
  for (std::size_t pass = 0; interlaced && pass < kFirst.size(); ++pass) {
    for (int y = kFirst[pass]; y < height; y += kStep[pass]) rows.push_back(y);
  }
  for (int y = 0; !interlaced && y < height; ++y) rows.push_back(y);
  return rows;
}

using Rgba = std::array<std::uint8_t, 4>;

std::array<Rgba, 256> colors_of(const GifFileType& gif, int transparent) {
  const ColorMapObject* map = gif.Image.ColorMap != nullptr ? gif.Image.ColorMap : gif.SColorMap;
  if (map == nullptr) fail(ErrorKind::bad_file, "broken GIF: it has no colours");
  std::array<Rgba, 256> colors{};
  colors.fill(Rgba{0, 0, 0, 255});
  for (int i = 0; i < std::min(map->ColorCount, 256); ++i) {
    const GifColorType& color = map->Colors[i];
    colors[static_cast<std::size_t>(i)] = {color.Red, color.Green, color.Blue, 255};
  }
  if (transparent >= 0 && transparent < 256) colors[static_cast<std::size_t>(transparent)][3] = 0;
  return colors;
}

}  // namespace

Picture decode_gif(Bytes bytes, const DecodeOptions& options) {
  GifSource source{.left = bytes};
  int error = 0;
  const std::unique_ptr<GifFileType, Close> gif(DGifOpen(&source, on_read, &error));
  if (!gif) refuse(source, "its header cannot be read");
  if (gif->SWidth > 0 && gif->SHeight > 0) check_size("GIF", gif->SWidth, gif->SHeight, options.max_pixels);
  const int transparent = find_first_frame(gif.get(), source);
  if (DGifGetImageDesc(gif.get()) == GIF_ERROR) refuse(source, "its first frame cannot be read");
  const GifImageDesc& frame = gif->Image;
  check_size("GIF", frame.Width, frame.Height, options.max_pixels);
  // A first frame that reaches beyond the screen widens it, as viewers do.
  const int width = std::max<int>(gif->SWidth, frame.Left + frame.Width);
  const int height = std::max<int>(gif->SHeight, frame.Top + frame.Height);
  check_size("GIF", width, height, options.max_pixels);

  const std::array<Rgba, 256> colors = colors_of(*gif, transparent);
  // What the frame does not cover stays transparent.
  Tensor pixels(Shape{height, width, 4}, DType::uint8);
  std::uint8_t* out = pixels.data<std::uint8_t>().data();
  std::vector<GifPixelType> line(static_cast<std::size_t>(frame.Width));
  for (const int row : row_order(frame.Height, frame.Interlace)) {
    if (DGifGetLine(gif.get(), line.data(), frame.Width) == GIF_ERROR)
      refuse(source, "its picture data is damaged");
    const std::int64_t first = static_cast<std::int64_t>(frame.Top + row) * width + frame.Left;
    std::uint8_t* to = out + 4 * first;
    for (const GifPixelType index : line) to = std::copy_n(colors[index].data(), 4, to);
  }
  return {.pixels = pixels};
}

}  // namespace graft::data
