// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "graft/image.hpp"
#include "graft/video/frames.hpp"

namespace graft::video {
namespace {

using namespace std::string_view_literals;

struct Mark {
  std::size_t at;
  std::string_view bytes;
};

constexpr std::array kMarks{
    Mark{4, "ftyp"sv},
    Mark{4, "moov"sv},
    Mark{4, "mdat"sv},
    Mark{4, "wide"sv},
    Mark{0, "\x1A\x45\xDF\xA3"sv},
    Mark{8, "AVI "sv},
    Mark{0, "\0\0\1\xBA"sv},
    Mark{0, "\0\0\1\xB3"sv},
    Mark{0, "OggS"sv},
    Mark{0, "FLV\1"sv},
    Mark{0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv},
};
constexpr std::size_t kTransportPacket = 188;  // of MPEG-TS: each begins with a G
constexpr std::size_t kHead = 2 * kTransportPacket + 1;

}  // namespace

bool is_video(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return false;
  std::string head(kHead, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  const auto bytes = std::as_bytes(std::span(head));
  if (data::image_format_of(bytes.first(std::min(bytes.size(), data::kImageHeadBytes))) !=
      data::ImageFormat::unknown)
    return false;
  if (head.size() == kHead && head[0] == 'G' && head[kTransportPacket] == 'G' &&
      head[2 * kTransportPacket] == 'G')
    return true;
  return std::ranges::any_of(kMarks, [&](const Mark& mark) {
    return head.size() >= mark.at + mark.bytes.size() &&
           head.compare(mark.at, mark.bytes.size(), mark.bytes) == 0;
  });
}

}  // namespace graft::video
