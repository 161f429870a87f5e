// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"

#include "data/decode/bmp.hpp"

namespace graft::data::bmp {
namespace {

/// Programs that pad rows to 4 bytes exceed them by at most that many pixels; a longer run is damage.
constexpr std::int64_t kMostBeyondRow = 7;

/// Position of the next pixel; rows are counted in the order of the file.
class Canvas {
 public:
  explicit Canvas(const Header& header)
      : header_(header), pixels_(static_cast<std::size_t>(header.width * header.height)) {}

  [[nodiscard]] bool is_full() const { return row_ >= header_.height; }
  /// The last row was begun and is complete: an end mark is all that can still come.
  [[nodiscard]] bool is_complete() const {
    return is_full() || (row_ == header_.height - 1 && column_ >= header_.width);
  }
  void put(std::uint32_t index) {
    if (column_ < header_.width && row_ < header_.height) {
      const std::int64_t y = header_.top_down ? row_ : header_.height - 1 - row_;
      pixels_[static_cast<std::size_t>(y * header_.width + column_)] = static_cast<std::uint8_t>(index);
    }
    if (++column_ > header_.width + kMostBeyondRow)
      fail(ErrorKind::bad_file, "broken BMP: a run of pixels leaves its row");
  }
  void end_row() {
    ++row_;
    column_ = 0;
  }
  void move(std::uint32_t right, std::uint32_t on) {
    column_ += right;
    row_ += on;
  }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(pixels_); }

 private:
  const Header& header_;
  std::vector<std::uint8_t> pixels_;
  std::int64_t row_ = 0;
  std::int64_t column_ = 0;
};

/// The n-th pixel of a byte that holds one (8 bits) or two (4 bits, upper first).
std::uint32_t index_of(std::uint32_t byte, std::uint32_t n, bool nibbles) {
  if (!nibbles) return byte;
  return n % 2 == 0 ? byte >> 4U : byte & 15U;
}

}  // namespace

std::vector<std::uint8_t> read_runs(const ByteReader& in, const Header& header) {
  const bool nibbles = header.compression == Compression::rle4;
  Canvas canvas(header);
  std::size_t at = header.data_at;
  while (!canvas.is_full()) {
    if (at + 2 > in.size() && canvas.is_complete()) break;
    const std::uint32_t count = in.u8(at);
    const std::uint32_t value = in.u8(at + 1);
    at += 2;
    if (count > 0) {
      for (std::uint32_t i = 0; i < count; ++i) canvas.put(index_of(value, i, nibbles));
    } else if (value == 0) {
      canvas.end_row();
    } else if (value == 1) {
      break;
    } else if (value == 2) {
      canvas.move(in.u8(at), in.u8(at + 1));
      at += 2;
    } else {
      for (std::uint32_t i = 0; i < value; ++i)
        canvas.put(index_of(in.u8(at + (nibbles ? i / 2 : i)), i, nibbles));
      const std::size_t bytes = nibbles ? (value + 1) / 2 : value;
      at += bytes + bytes % 2;
    }
  }
  return canvas.take();
}

}  // namespace graft::data::bmp
