// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <libexif/exif-data.h>

#include "data/decode/picture.hpp"

namespace graft::data {
namespace {

constexpr std::array<unsigned char, 6> kHeader{'E', 'x', 'i', 'f', 0, 0};
/// JPEG cannot hold more; in other files what is beyond is of no interest here.
constexpr std::size_t kMostBytes = 65536;

struct ExifFree {
  void operator()(ExifData* data) const { exif_data_unref(data); }
};

}  // namespace

int xmp_orientation(std::string_view block) {
  constexpr std::string_view kName = "tiff:Orientation";
  const std::size_t at = block.find(kName);
  if (at == std::string_view::npos) return 1;
  // tiff:Orientation="6" or <tiff:Orientation>6<
  std::string_view rest = block.substr(at + kName.size());
  const std::size_t digit = rest.find_first_not_of("=\"'> \t\r\n");
  if (digit == 0 || digit == std::string_view::npos) return 1;
  const char value = rest[digit];
  return value >= '1' && value <= '8' ? value - '0' : 1;
}

int exif_orientation(Bytes block) {
  const auto* begin = reinterpret_cast<const unsigned char*>(block.data());
  std::vector<unsigned char> text(kHeader.begin(), kHeader.end());
  const bool has_header = block.size() >= kHeader.size() && std::equal(kHeader.begin(), kHeader.end(), begin);
  const std::size_t skip = has_header ? kHeader.size() : 0;
  text.insert(text.end(), begin + skip, begin + std::min(block.size(), kMostBytes));

  const std::unique_ptr<ExifData, ExifFree> data(exif_data_new());
  if (!data) return 1;
  // Nothing is to be repaired or added: one tag is read.
  exif_data_unset_option(data.get(), EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
  exif_data_unset_option(data.get(), EXIF_DATA_OPTION_IGNORE_UNKNOWN_TAGS);
  exif_data_load_data(data.get(), text.data(), static_cast<unsigned>(text.size()));
  const ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (entry == nullptr || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 1;
  const int value = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
  return value >= 1 && value <= 8 ? value : 1;
}

}  // namespace graft::data
