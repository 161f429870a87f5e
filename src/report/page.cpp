// SPDX-License-Identifier: Apache-2.0
#include "report/page.hpp"

#include <ostream>

#include "graft/base/fail.hpp"

namespace graft::report {
namespace {

constexpr std::string_view kMark = "%%GRAFT_";

/// A text of the report, through JSON's dump, which replaces bytes that are not UTF-8.
std::string utf8_text(const Json& value) {
  return Json::parse(value.dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

}  // namespace

std::string json_for_script(const Json& value) {
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i, 3);
    if (text[i] == '<') {
      safe += "\\u003c";
    } else if (text[i] == '>') {
      safe += "\\u003e";
    } else if (text[i] == '&') {
      safe += "\\u0026";
    } else if (rest == "\xe2\x80\xa8" || rest == "\xe2\x80\xa9") {
      safe += rest[2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      safe += text[i];
    }
  }
  return safe;
}

std::string html_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

void write_page(std::ostream& out, const Json& report,
                const std::function<void(std::ostream& out)>& thumbnails) {
  std::string_view page = page_template();
  while (!page.empty()) {
    const std::size_t mark = page.find(kMark);
    out << page.substr(0, mark);
    if (mark == std::string_view::npos) return;
    page.remove_prefix(mark + kMark.size());
    const std::size_t end = page.find("%%");
    const std::string_view name = page.substr(0, end);
    page.remove_prefix(end + 2);
    if (name == "TITLE") {
      out << html_text(utf8_text(report.at("name")));
    } else if (name == "SENTENCE") {
      out << html_text(utf8_text(report.at("headline").at("sentence")));
    } else if (name == "DATA") {
      out << json_for_script(report);
    } else if (name == "THUMBNAILS") {
      thumbnails(out);
    } else {
      fail(ErrorKind::internal, "the page has an unknown mark ", name);
    }
  }
}

}  // namespace graft::report
