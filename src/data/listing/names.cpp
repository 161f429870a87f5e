// SPDX-License-Identifier: Apache-2.0
#include "data/listing/names.hpp"

#include <algorithm>

#include "graft/base/text.hpp"

#include "data/listing/unicode_tables.hpp"

namespace graft::data {
namespace {

/// Hangul syllables are composed by arithmetic: first + vowel + optional last.
bool append_hangul(char32_t code, std::u32string& to) {
  constexpr char32_t kFirst = 0xAC00, kSyllables = 11172, kLasts = 28, kVowels = 21;
  if (code < kFirst || code >= kFirst + kSyllables) return false;
  const char32_t index = code - kFirst;
  to += 0x1100 + index / (kVowels * kLasts);
  to += 0x1161 + index % (kVowels * kLasts) / kLasts;
  if (index % kLasts != 0) to += 0x11A7 + index % kLasts;
  return true;
}

void append_decomposed(char32_t code, std::u32string& to) {
  if (append_hangul(code, to)) return;
  const auto& table = unicode::kDecompositions;
  const auto found = std::ranges::lower_bound(table, code, {}, [](const auto& row) { return row.composed; });
  if (found == table.end() || found->composed != code) {
    to += code;
    return;
  }
  append_decomposed(found->first, to);
  if (found->second != 0) append_decomposed(found->second, to);
}

bool is_mark(char32_t code) { return code >= 0x300 && code <= 0x36F; }

char32_t small(char32_t code) {
  for (const unicode::Capitals& run : unicode::kCapitals) {
    if (code >= run.first && code <= run.last && (code - run.first) % static_cast<char32_t>(run.step) == 0)
      return static_cast<char32_t>(static_cast<std::int64_t>(code) + run.delta);
  }
  return code;
}

}  // namespace

std::u32string same_look(std::string_view name) {
  constexpr char32_t kBeyondUnicode = 0x110000;
  std::u32string result;
  for (std::size_t at = 0; at < name.size();) {
    const CodePoint next = code_point_at(name, at);
    if (next.bytes == 0) {
      result += kBeyondUnicode + static_cast<unsigned char>(name[at]);
    } else {
      append_decomposed(next.code, result);
    }
    at += std::max<std::size_t>(next.bytes, 1);
  }
  // Marks on one letter may be written in any order.
  for (auto begin = result.begin(); begin != result.end();) {
    begin = std::find_if(begin, result.end(), is_mark);
    const auto end = std::find_if_not(begin, result.end(), is_mark);
    std::sort(begin, end);
    begin = end;
  }
  return result;
}

std::u32string same_letters(std::string_view name) {
  std::u32string result = same_look(name);
  std::ranges::transform(result, result.begin(), small);
  return result;
}

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
