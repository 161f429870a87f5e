// SPDX-License-Identifier: Apache-2.0
#include "data/decode/foreign_format.hpp"

#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"

#include "data/listing/folders.hpp"

namespace graft::data {
namespace {

using namespace std::string_view_literals;

struct Mark {
  std::size_t at;
  std::string_view bytes;
  std::string_view format;
};

constexpr std::array kMarks{
    Mark{4, "jP  \r\n"sv, "JPEG 2000"},
    Mark{0, "\xFF\x4F\xFF\x51"sv, "JPEG 2000"},
    Mark{4, "JXL \r\n"sv, "JPEG XL"},
    Mark{0, "\xFF\x0A"sv, "JPEG XL"},
    Mark{0, "8BPS"sv, "Photoshop"},
    Mark{0, "gimp xcf"sv, "GIMP"},
    Mark{0, "FUJIFILMCCD-RAW"sv, "raw camera"},
    Mark{4, "ftypcrx "sv, "raw camera"},
    Mark{0, "IIRO"sv, "raw camera"},
    Mark{0, "IIRS"sv, "raw camera"},
    Mark{0, "IIU\0"sv, "raw camera"},
    Mark{0, "\0MRM"sv, "raw camera"},
    Mark{0, "FOVb"sv, "raw camera"},
    Mark{0, "\x76\x2F\x31\x01"sv, "OpenEXR"},
    Mark{0, "#?RADIANCE"sv, "Radiance HDR"},
    Mark{0, "P7\n"sv, "PAM"},
    Mark{0, "PF\n"sv, "PFM"},
    Mark{0, "Pf\n"sv, "PFM"},
    Mark{0, "qoif"sv, "QOI"},
    Mark{0, "DDS "sv, "DirectDraw"},
    Mark{0, "SIMPLE  ="sv, "FITS"},
    Mark{128, "DICM"sv, "DICOM"},
    Mark{0, "%PDF"sv, "PDF"},
    Mark{0, "<svg"sv, "SVG"},
    Mark{8, "CR\2\0"sv, "raw camera"},
    Mark{0, "%!PS"sv, "PostScript"},
    Mark{0, "icns"sv, "icon"},
    Mark{0, "\x01\xDA"sv, "SGI"},
    Mark{4, "ftypqt"sv, "video"},
    Mark{4, "ftypisom"sv, "video"},
    Mark{4, "ftypmp4"sv, "video"},
    Mark{4, "ftypM4V"sv, "video"},
    Mark{8, "AVI LIST"sv, "video"},
    Mark{0, "\x1A\x45\xDF\xA3"sv, "video"},
};

/// Names of formats whose files begin with no mark, or with one that other files have too.
struct Extension {
  std::string_view end;
  std::string_view format;
};
constexpr std::array kExtensions{
    Extension{".tga", "TGA"},     Extension{".ico", "icon"},  Extension{".cur", "icon"},
    Extension{".pcx", "PCX"},     Extension{".svg", "SVG"},   Extension{".jp2", "JPEG 2000"},
    Extension{".jxl", "JPEG XL"}, Extension{".dcm", "DICOM"}, Extension{".jxr", "JPEG XR"},
    Extension{".wdp", "JPEG XR"}, Extension{".heic", "HEIC"}, Extension{".avif", "AVIF"},
    Extension{".webp", "WebP"},   Extension{".tif", "TIFF"},  Extension{".tiff", "TIFF"},
};

}  // namespace

std::string_view foreign_format(std::span<const std::byte> head, const std::filesystem::path& name) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  for (const Mark& mark : kMarks) {
    if (text.size() >= mark.at && text.substr(mark.at).starts_with(mark.bytes)) return mark.format;
  }
  const std::string lower = to_lower(name.filename().string());
  for (const Extension& known : kExtensions) {
    if (lower.ends_with(known.end)) return known.format;
  }
  return {};
}

std::string_view text_reason(std::span<const std::byte> head) {
  const std::string text = to_lower(std::string(reinterpret_cast<const char*>(head.data()), head.size()));
  if (text.starts_with("<!doctype html") || text.starts_with("<html"))
    return "a web page, no picture: what it was downloaded from answered with a page; fetch it again";
  if (text.starts_with("version https://git-lfs"))
    return "a pointer of Git LFS, no picture; fetch the picture with git lfs pull";
  return {};
}

std::string foreign_format_reason(std::string_view format) {
  constexpr std::array kOwn{"HEIC"sv, "AVIF"sv, "WebP"sv, "TIFF"sv};
  if (std::ranges::find(kOwn, format) != kOwn.end()) return cat("not a ", format, " file, despite its name");
  const bool vowel = std::string_view("AEIOaeio").find(format.front()) != std::string_view::npos;
  return cat(vowel ? "an " : "a ", format, " file, which graft does not read",
             format == "video" ? "" : "; convert it to JPEG or PNG");
}

}  // namespace graft::data
