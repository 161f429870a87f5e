// SPDX-License-Identifier: Apache-2.0
#include "cli/safe_output.hpp"

#include "graft/base/text.hpp"

namespace graft::cli {

SafeOutput::SafeOutput(std::ostream& stream) : stream_(stream), target_(stream.rdbuf()), filter_(target_) {
  stream_.rdbuf(&filter_);
}

SafeOutput::~SafeOutput() { stream_.rdbuf(target_); }

bool SafeOutput::Filter::write(std::string_view text) {
  const std::string safe = shown_lines(text);
  const auto count = static_cast<std::streamsize>(safe.size());
  return target_->sputn(safe.data(), count) == count;
}

std::streamsize SafeOutput::Filter::xsputn(const char* text, std::streamsize count) {
  return write({text, static_cast<std::size_t>(count)}) ? count : 0;
}

SafeOutput::Filter::int_type SafeOutput::Filter::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  const char one = traits_type::to_char_type(c);
  // A single byte may be a part of a character.
  const bool plain = static_cast<unsigned char>(one) >= 0x80;
  if (plain) return target_->sputc(one);
  return write({&one, 1}) ? c : traits_type::eof();
}

}  // namespace graft::cli
