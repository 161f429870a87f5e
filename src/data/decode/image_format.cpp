// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include "data/decode/picture.hpp"

namespace graft::data {
namespace {

using namespace std::string_view_literals;

std::string_view text_at(Bytes head, std::size_t offset, std::size_t length) {
  if (offset + length > head.size()) return {};
  return {reinterpret_cast<const char*>(head.data()) + offset, length};
}

bool starts(Bytes head, std::string_view with) { return text_at(head, 0, with.size()) == with; }

/// Texts can begin with "BM", so the length of the second header is checked, too.
bool is_bmp(Bytes head) {
  if (!starts(head, "BM") || head.size() < 18) return false;
  const auto length = static_cast<unsigned>(head[14]);
  constexpr std::array kLengths{12U, 16U, 40U, 52U, 56U, 64U, 108U, 124U};
  const bool small = text_at(head, 15, 3) == "\0\0\0"sv;
  return small && std::find(kLengths.begin(), kLengths.end(), length) != kLengths.end();
}

bool is_pnm(Bytes head) {
  const std::string_view text = text_at(head, 0, 3);
  return text.size() == 3 && text[0] == 'P' && text[1] >= '1' && text[1] <= '6' &&
         std::strchr(" \t\r\n\v\f#", text[2]) != nullptr && text[2] != '\0';
}

bool is_heif(Bytes head) {
  if (text_at(head, 4, 4) != "ftyp") return false;
  constexpr std::array kBrands{"heic"sv, "heix"sv, "heim"sv, "heis"sv, "hevc"sv, "hevx"sv,
                               "mif1"sv, "msf1"sv, "avif"sv, "avis"sv, "mif2"sv};
  for (std::size_t at = 8; at + 4 <= std::min(head.size(), kImageHeadBytes); at += 4) {
    if (at == 12) continue;  // the minor version
    if (std::find(kBrands.begin(), kBrands.end(), text_at(head, at, 4)) != kBrands.end()) return true;
  }
  return false;
}

}  // namespace

ImageFormat image_format_of(std::span<const std::byte> head) {
  if (starts(head, "\xFF\xD8\xFF")) return ImageFormat::jpeg;
  if (starts(head, "\x89PNG\r\n\x1A\n")) return ImageFormat::png;
  if (starts(head, "RIFF") && text_at(head, 8, 4) == "WEBP") return ImageFormat::webp;
  if (starts(head, "GIF87a") || starts(head, "GIF89a")) return ImageFormat::gif;
  if (is_bmp(head)) return ImageFormat::bmp;
  if (is_pnm(head)) return ImageFormat::pnm;
  for (const std::string_view mark : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv}) {
    if (starts(head, mark)) return ImageFormat::tiff;
  }
  return is_heif(head) ? ImageFormat::heif : ImageFormat::unknown;
}

std::string_view to_string(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return "JPEG";
    case ImageFormat::png:
      return "PNG";
    case ImageFormat::webp:
      return "WebP";
    case ImageFormat::gif:
      return "GIF";
    case ImageFormat::bmp:
      return "BMP";
    case ImageFormat::pnm:
      return "PNM";
    case ImageFormat::tiff:
      return "TIFF";
    case ImageFormat::heif:
      return "HEIC/AVIF";
    case ImageFormat::unknown:
      break;
  }
  return "unknown";
}

bool can_decode(ImageFormat format) {
  return format != ImageFormat::unknown && (format != ImageFormat::heif || has_heif());
}

}  // namespace graft::data
