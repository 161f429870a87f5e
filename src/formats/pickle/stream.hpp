// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "formats/input_file.hpp"

namespace graft::formats::pickle {

/// Reads a source from front to back, a block at a time, and no more than limit bytes.
/// Errors: Error{bad_file} at the source's end, Error{resource_limit} at the limit.
class Stream {
 public:
  Stream(const ByteSource& source, std::uint64_t limit) : source_(source), limit_(limit) {}

  [[nodiscard]] const std::string& name() const { return source_.name(); }
  [[nodiscard]] std::uint64_t position() const { return position_; }
  /// The next count bytes; valid until the next call.
  std::string_view take(std::uint64_t count);
  unsigned char byte() { return static_cast<unsigned char>(take(1).front()); }
  /// An unsigned little-endian number of 1 to 8 bytes.
  std::uint64_t number(std::uint64_t bytes);
  /// Up to the next line feed, which is taken and left out.
  std::string line();

 private:
  const ByteSource& source_;
  std::uint64_t limit_;
  std::uint64_t position_ = 0;
  std::string block_;
  std::uint64_t block_at_ = 0;
};

}  // namespace graft::formats::pickle
