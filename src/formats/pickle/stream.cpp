// SPDX-License-Identifier: Apache-2.0
#include "formats/pickle/stream.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"

namespace graft::formats::pickle {
namespace {

constexpr std::uint64_t kBlock = 1U << 16U;
constexpr std::size_t kMaxLine = 1024;

}  // namespace

std::string_view Stream::take(std::uint64_t count) {
  if (count > source_.size() - position_) {
    fail(ErrorKind::bad_file, name(), " is truncated or broken: its pickle needs ", count, " bytes at ",
         position_, ", and the data ends at ", source_.size());
  }
  if (count > limit_ - position_) {
    fail(ErrorKind::resource_limit, name(), ": its pickle is longer than ", limit_, " bytes");
  }
  if (position_ < block_at_ || position_ + count > block_at_ + block_.size()) {
    const std::uint64_t wanted = std::min(std::max(count, kBlock), source_.size() - position_);
    block_.resize(static_cast<std::size_t>(wanted));
    source_.read(position_, block_);
    block_at_ = position_;
  }
  const std::string_view bytes = std::string_view(block_).substr(
      static_cast<std::size_t>(position_ - block_at_), static_cast<std::size_t>(count));
  position_ += count;
  return bytes;
}

std::uint64_t Stream::number(std::uint64_t bytes) {
  std::uint64_t value = 0;
  const std::string_view taken = take(bytes);
  for (std::size_t i = taken.size(); i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(taken[i]);
  return value;
}

std::string Stream::line() {
  std::string text;
  for (unsigned char c = byte(); c != '\n'; c = byte()) {
    if (text.size() == kMaxLine)
      fail(ErrorKind::bad_file, name(), ": its pickle is broken: a line does not end");
    text += static_cast<char>(c);
  }
  return text;
}

}  // namespace graft::formats::pickle
