// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "data/decode/picture.hpp"

namespace graft::data {

/// Little-endian numbers from bytes; reading beyond the end is an error.
class ByteReader {
 public:
  ByteReader(Bytes bytes, std::string_view format) : bytes_(bytes), format_(format) {}

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::uint32_t u8(std::size_t at) const {
    if (at >= bytes_.size()) fail_truncated(format_);
    return static_cast<std::uint32_t>(bytes_[at]);
  }
  [[nodiscard]] std::uint32_t u16(std::size_t at) const { return u8(at) | (u8(at + 1) << 8U); }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const { return u16(at) | (u16(at + 2) << 16U); }

 private:
  Bytes bytes_;
  std::string_view format_;
};

}  // namespace graft::data
