// SPDX-License-Identifier: Apache-2.0
#include "graft/base/csv.hpp"

#include <array>
#include <charconv>

namespace graft {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void append_number(std::string& text, float value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  text.append(digits.data(), end);
}

bool CsvReader::take(char c, std::string& field) {
  const bool pair = at_ < text_.size() && text_[at_] == (c == '"' ? '"' : '\n');
  if (c == '\n' || (c == '\r' && !pair)) ++line_;
  if (in_quotes_) {
    if (c != '"') {
      field += c;
    } else if (pair) {
      field += text_[at_++];
    } else {
      in_quotes_ = false;
    }
  } else if (c == '"' && field.empty() && !was_quoted_) {
    in_quotes_ = was_quoted_ = true;
  } else if (c == separator_) {
    ends_field_ = true;
  } else if (c == '\n' || (c == '\r' && !pair)) {
    return false;
  } else if (c != '\r') {
    field += c;
  }
  return true;
}

bool CsvReader::next(std::vector<std::string>& fields) {
  fields.assign(1, {});
  if (at_ >= text_.size()) return false;
  row_line_ = line_;
  in_quotes_ = was_quoted_ = ends_field_ = false;
  while (at_ < text_.size() && take(text_[at_++], fields.back())) {
    if (!ends_field_) continue;
    fields.emplace_back();
    was_quoted_ = ends_field_ = false;
  }
  return true;
}

std::vector<std::string> read_csv_line(std::string_view text, std::size_t& at) {
  CsvReader reader(text.substr(at));
  std::vector<std::string> fields;
  static_cast<void>(reader.next(fields));
  at += reader.position();
  return fields;
}

}  // namespace graft
