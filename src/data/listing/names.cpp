// SPDX-License-Identifier: Apache-2.0
#include "data/listing/names.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <utf8proc.h>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::data {
namespace {

/// The code points of valid UTF-8, decomposed and in Unicode's order.
void append_decomposed(std::string_view valid, utf8proc_option_t more, std::u32string& to) {
  if (valid.empty()) return;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | more);
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(valid.data());
  const auto length = static_cast<utf8proc_ssize_t>(valid.size());
  std::vector<utf8proc_int32_t> codes;
  const utf8proc_ssize_t count = utf8proc_decompose(bytes, length, nullptr, 0, options);
  if (count > 0) {
    codes.resize(static_cast<std::size_t>(count));
    utf8proc_decompose(bytes, length, codes.data(), count, options);
  }
  if (count < 0) fail(ErrorKind::internal, "utf8proc: ", utf8proc_errmsg(count));
  for (const utf8proc_int32_t code : codes) to += static_cast<char32_t>(code);
}

/// Bytes that are not UTF-8 become numbers beyond Unicode.
std::u32string decomposed(std::string_view name, utf8proc_option_t more) {
  constexpr char32_t kBeyondUnicode = 0x110000;
  std::u32string result;
  std::size_t begin = 0;
  std::size_t at = 0;
  while (at < name.size()) {
    const std::size_t bytes = code_point_at(name, at).bytes;
    if (bytes > 0) {
      at += bytes;
      continue;
    }
    append_decomposed(name.substr(begin, at - begin), more, result);
    result += static_cast<char32_t>(kBeyondUnicode + static_cast<unsigned char>(name[at]));
    begin = ++at;
  }
  append_decomposed(name.substr(begin), more, result);
  return result;
}

}  // namespace

std::u32string same_look(std::string_view name) {
  return decomposed(name, static_cast<utf8proc_option_t>(0));
}

std::u32string same_letters(std::string_view name) { return decomposed(name, UTF8PROC_CASEFOLD); }

bool matches_pattern(std::string_view name, std::string_view pattern) {
  std::size_t at = 0, in = 0, star = std::string_view::npos, from = 0;
  while (at < name.size()) {
    if (in < pattern.size() && pattern[in] == '*') {
      star = in++;
      from = at;
    } else if (in < pattern.size() && (pattern[in] == '?' || pattern[in] == name[at])) {
      ++in;
      ++at;
    } else if (star != std::string_view::npos) {
      in = star + 1;
      at = ++from;
    } else {
      return false;
    }
  }
  while (in < pattern.size() && pattern[in] == '*') ++in;
  return in == pattern.size();
}

}  // namespace graft::data
