// SPDX-License-Identifier: Apache-2.0
#include "data/listing/label_table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string_view>

#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "data/listing/files.hpp"
#include "data/listing/folders.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;

/// 0x80 to 0x9F of Windows-1252; the bytes without a character stay control characters.
constexpr std::array<char16_t, 32> kWindows{0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                            0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                            0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                            0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

void append_utf8(char32_t code, std::string& to) {
  const auto tail = [&](unsigned shift) { to += static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) {
    to += static_cast<char>(code);
  } else if (code < 0x800) {
    to += static_cast<char>(0xC0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000) {
    to += static_cast<char>(0xE0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    to += static_cast<char>(0xF0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string from_windows(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    append_utf8(byte >= 0x80 && byte < 0xA0 ? kWindows[byte - 0x80U] : byte, result);
  }
  return result;
}

/// After the byte order mark. A half of a pair that stands alone becomes U+FFFD.
std::string from_utf16(std::string_view text, bool big_endian) {
  std::string result;
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    const auto second = static_cast<unsigned char>(text[at + 1]);
    return static_cast<char32_t>(big_endian ? first * 256U + second : second * 256U + first);
  };
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    char32_t code = unit(at);
    const bool high = code >= 0xD800 && code < 0xDC00;
    const char32_t next = high && at + 3 < text.size() ? unit(at + 2) : 0;
    if (next >= 0xDC00 && next < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10U) + (next - 0xDC00);
      at += 2;
    } else if (code >= 0xD800 && code < 0xE000) {
      code = 0xFFFD;
    }
    append_utf8(code, result);
  }
  return result;
}

std::string to_utf8(std::string text, LabelTable& table) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (text.starts_with("\xFF\xFE")) return from_utf16(std::string_view(text).substr(2), false);
  if (text.starts_with("\xFE\xFF")) return from_utf16(std::string_view(text).substr(2), true);
  if (is_utf8(text)) return text;
  table.notes.push_back(cat(table.name, " is not UTF-8: it was read as Windows-1252"));
  return from_windows(text);
}

/// What separates the fields of a first line: the most frequent of them outside quotes.
char separator_of(std::string_view text, std::string_view extension) {
  if (extension == ".tsv" || extension == ".tab") return '\t';
  std::map<char, std::size_t> counts;
  bool in_quotes = false;
  for (const char c : text.substr(0, text.find_first_of("\r\n"))) {
    if (c == '"') in_quotes = !in_quotes;
    if (!in_quotes) ++counts[c];
  }
  char best = ',';
  for (const char c : {';', '\t'}) {
    if (counts[c] > counts[best]) best = c;
  }
  return best;
}

void read_csv(std::string_view text, char separator, LabelTable& table) {
  CsvReader reader(text, separator);
  std::vector<std::string> fields;
  while (reader.next(fields)) {
    if (reader.in_quotes()) {
      fail(ErrorKind::bad_file, table.name, " line ", reader.line(),
           ": a quote opens here that is not closed until the end of the file");
    }
    if (fields.size() == 1 && fields[0].find_first_not_of(" \t") == std::string::npos) continue;
    table.rows.push_back({reader.line(), std::move(fields)});
  }
}

std::string field_of(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_array()) {
    std::string text;
    for (const Json& element : value)
      text += kListMark + (element.is_string() ? element.get<std::string>() : element.dump());
    return text.empty() ? std::string(1, kListMark) : text;
  }
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// What is nested more deeply is dropped: writing it out again would run as deep.
bool shallow(int depth, Json::parse_event_t, Json&) {
  constexpr int kMostNesting = 8;
  return depth <= kMostNesting;
}

void read_json_lines(std::string_view text, LabelTable& table) {
  table.named = true;
  std::map<std::string, std::size_t> places;
  std::size_t line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view one = text.substr(at, end - at);
    at = end + 1;
    ++line;
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const Json object = Json::parse(one, shallow, false);
    if (!object.is_object()) {
      fail(ErrorKind::bad_file, table.name, " line ", line, ": expected a JSON object, received ",
           printable(one));
    }
    LabelRow row{.line = line, .fields = std::vector<std::string>(table.columns.size())};
    for (const auto& [key, value] : object.items()) {
      const auto [place, fresh] = places.emplace(key, table.columns.size());
      if (fresh) table.columns.push_back(key);
      row.fields.resize(std::max(row.fields.size(), place->second + 1));
      row.fields[place->second] = field_of(value);
    }
    table.rows.push_back(std::move(row));
  }
  for (LabelRow& row : table.rows) row.fields.resize(table.columns.size());
}

}  // namespace

LabelTable read_label_table(const fs::path& file) {
  LabelTable table{.name = shown(file.filename().string())};
  std::string text;
  try {
    const std::vector<std::byte> bytes = read_bytes(file);
    text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  } catch (const Error& error) {
    fail(error.kind(), "labels: ", shown(file.string()), ": ", error.what());
  }
  text = to_utf8(std::move(text), table);
  const std::string extension = to_lower(file.extension().string());
  if (text.find('\0') != std::string::npos)
    fail(ErrorKind::bad_file, "labels: ", shown(file.string()),
         " is not a text: expected .csv, .tsv or .jsonl");
  if (extension == ".jsonl" || extension == ".ndjson") {
    read_json_lines(text, table);
  } else {
    read_csv(text, separator_of(text, extension), table);
  }
  if (table.rows.empty())
    fail(ErrorKind::bad_file, "labels: ", shown(file.string()), " has no rows: expected one for each photo");
  return table;
}

}  // namespace graft::data
