// SPDX-License-Identifier: Apache-2.0
#include "training/tensorboard/png.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "graft/base/fail.hpp"

namespace graft::training {
namespace {

constexpr std::size_t kLargestBlock = 65535;  // of deflate without compression
constexpr std::uint32_t kAdlerPrime = 65521;

void append_big_endian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

void append_chunk(std::string& out, std::string_view type, std::string_view data) {
  append_big_endian(out, static_cast<std::uint32_t>(data.size()));
  const std::string body = std::string(type) + std::string(data);
  out += body;
  append_big_endian(out, crc32(body));
}

/// zlib's format, its blocks stored as they are.
std::string stored(std::string_view data) {
  std::string out = "\x78\x01";
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : data) {
    a = (a + static_cast<unsigned char>(c)) % kAdlerPrime;
    b = (b + a) % kAdlerPrime;
  }
  while (true) {
    const std::size_t size = std::min(data.size(), kLargestBlock);
    out += size == data.size() ? '\1' : '\0';
    for (const std::size_t number : {size, ~size}) {
      out += static_cast<char>(number);
      out += static_cast<char>(number >> 8);
    }
    out += data.substr(0, size);
    data.remove_prefix(size);
    if (data.empty()) break;
  }
  append_big_endian(out, b << 16 | a);
  return out;
}

}  // namespace

std::string encode_png(const Tensor& pixels) {
  const Shape& shape = pixels.shape();
  if (shape.rank() != 3 || (shape[2] != 1 && shape[2] != 3) || pixels.empty())
    fail(ErrorKind::shape_mismatch, "image: expected (H, W, 1) or (H, W, 3), received ", shape);
  const auto row = static_cast<std::size_t>(shape[1] * shape[2]);
  const std::string_view bytes(reinterpret_cast<const char*>(pixels.data<std::uint8_t>().data()),
                               pixels.size_bytes());
  std::string rows;
  for (std::size_t at = 0; at < bytes.size(); at += row) {
    rows += '\0';  // no filter
    rows += bytes.substr(at, row);
  }
  std::string header;
  append_big_endian(header, static_cast<std::uint32_t>(shape[1]));
  append_big_endian(header, static_cast<std::uint32_t>(shape[0]));
  header += {'\10', shape[2] == 1 ? '\0' : '\2', '\0', '\0', '\0'};  // 8 bits a channel, grey or RGB
  std::string out = "\x89PNG\r\n\x1A\n";
  append_chunk(out, "IHDR", header);
  append_chunk(out, "IDAT", stored(rows));
  append_chunk(out, "IEND", "");
  return out;
}

}  // namespace graft::training
