// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/fail.hpp"

#include "data/decode/picture.hpp"

namespace graft::data {
namespace {

constexpr std::uint32_t kMostNumber = 1U << 30U;

/// Reads the words of a PNM file: numbers between white space and comments (from # to the end of the line).
class Words {
 public:
  explicit Words(Bytes bytes) : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()) {}

  [[nodiscard]] std::uint32_t number() {
    skip_blanks();
    std::uint32_t value = 0;
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      value = value * 10 + static_cast<std::uint32_t>(text_[at_++] - '0');
      if (value > kMostNumber) fail(ErrorKind::bad_file, "broken PNM: a number is too large");
    }
    if (at_ == begin) refuse();
    return value;
  }
  /// A single 0 or 1: in P1 they need not be apart.
  [[nodiscard]] std::uint32_t bit() {
    skip_blanks();
    if (at_ >= text_.size() || (text_[at_] != '0' && text_[at_] != '1')) refuse();
    return static_cast<std::uint32_t>(text_[at_++] - '0');
  }
  /// One blank ends the header; what follows is binary.
  [[nodiscard]] std::string_view binary() {
    if (at_ >= text_.size()) fail_truncated("PNM");
    return text_.substr(at_ + 1);
  }
  void skip(std::size_t count) { at_ += count; }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  void skip_blanks() {
    while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == '#')) {
      if (text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      if (at_ < text_.size()) ++at_;
    }
  }
  [[noreturn]] void refuse() const {
    if (at_ >= text_.size()) fail_truncated("PNM");
    fail(ErrorKind::bad_file, "broken PNM: a number was expected");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

struct PnmHeader {
  int kind = 0;  // 1 to 6
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::uint32_t most = 1;  // value of white
  [[nodiscard]] bool is_plain() const { return kind <= 3; }
  [[nodiscard]] bool is_bitmap() const { return kind == 1 || kind == 4; }
  [[nodiscard]] int channels() const { return kind == 3 || kind == 6 ? 3 : 1; }
};

std::uint8_t scaled(std::uint32_t value, std::uint32_t most) {
  return static_cast<std::uint8_t>((std::min(value, most) * 255U + most / 2) / most);
}

void read_plain(Words& words, const PnmHeader& header, std::span<std::uint8_t> out) {
  for (std::uint8_t& value : out) {
    value = header.is_bitmap() ? (words.bit() != 0 ? 0 : 255) : scaled(words.number(), header.most);
  }
}

/// Rows of bits, upper bit first, each beginning a byte; 1 is black.
void read_bits(std::string_view data, const PnmHeader& header, std::span<std::uint8_t> out) {
  const auto width = static_cast<std::size_t>(header.width);
  const std::size_t stride = (width + 7) / 8;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t x = i % width;
    const auto byte = static_cast<unsigned char>(data[i / width * stride + x / 8]);
    out[i] = ((byte >> (7 - x % 8)) & 1U) != 0 ? 0 : 255;
  }
}

void read_samples(std::string_view data, const PnmHeader& header, std::span<std::uint8_t> out) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(data[i]));
  };
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint32_t value = header.most < 256 ? byte(i) : byte(2 * i) << 8U | byte(2 * i + 1);
    out[i] = scaled(value, header.most);
  }
}

std::size_t bytes_needed(const PnmHeader& header) {
  const auto rows = static_cast<std::size_t>(header.height);
  if (header.is_bitmap()) return rows * static_cast<std::size_t>((header.width + 7) / 8);
  return rows * static_cast<std::size_t>(header.width * header.channels()) * (header.most < 256 ? 1 : 2);
}

}  // namespace

Picture decode_pnm(Bytes bytes, const DecodeOptions& options) {
  Words words(bytes);
  PnmHeader header;
  header.kind = static_cast<int>(bytes[1]) - '0';
  words.skip(2);
  header.width = words.number();
  header.height = words.number();
  check_size("PNM", header.width, header.height, options.max_pixels);
  if (!header.is_bitmap()) header.most = words.number();
  if (header.most < 1 || header.most > 65535)
    fail(ErrorKind::bad_file, "broken PNM: its largest value is ", header.most);
  // Before memory is taken: each sample needs a byte at least, a bit of P4 an eighth.
  const std::size_t samples = static_cast<std::size_t>(header.width * header.height * header.channels());
  if (header.is_plain() ? samples > bytes.size() : bytes_needed(header) > words.binary().size())
    fail_truncated("PNM");

  Tensor pixels(Shape{header.height, header.width, header.channels()}, DType::uint8);
  const std::span<std::uint8_t> out = pixels.data<std::uint8_t>();
  if (header.is_plain()) {
    read_plain(words, header, out);
  } else if (header.is_bitmap()) {
    read_bits(words.binary(), header, out);
  } else {
    read_samples(words.binary(), header, out);
  }
  return {.pixels = pixels};
}

}  // namespace graft::data
