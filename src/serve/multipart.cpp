// SPDX-License-Identifier: Apache-2.0
#include "serve/multipart.hpp"

#include <algorithm>
#include <cctype>

#include "graft/base/fail.hpp"

namespace graft::serve {
namespace {

constexpr std::size_t kLongestBoundary = 70;  // RFC 2046, 5.1.1
constexpr std::size_t kLongestHead = 8192;    // of one part

bool equal_but_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The value of `name` among "first; name=value; other=\"value\""; empty: it is not there.
std::string_view parameter(std::string_view text, std::string_view name) {
  std::size_t at = text.find(';');
  while (at != std::string_view::npos && at < text.size()) {
    std::string_view rest = text.substr(at + 1);
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return {};
    const std::string_view key = trimmed(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::size_t end = 0;
    std::string_view value;
    if (rest.starts_with('"')) {
      end = rest.find('"', 1);
      if (end == std::string_view::npos) return {};
      value = rest.substr(1, end - 1);
      ++end;
    } else {
      end = std::min(rest.find(';'), rest.size());
      value = trimmed(rest.substr(0, end));
    }
    if (equal_but_case(key, name)) return value;
    at = rest.find(';', end);
    if (at != std::string_view::npos) at += static_cast<std::size_t>(rest.data() - text.data());
  }
  return {};
}

[[noreturn]] void fail_form(std::string_view what) {
  fail(ErrorKind::bad_file, "multipart/form-data: ", what);
}

/// The Content-Disposition among a part's header lines.
FormPart part_of(std::string_view head, std::string_view content) {
  FormPart part{.name = {}, .filename = {}, .content = content};
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) fail_form("a header line has no colon");
    if (!equal_but_case(trimmed(line.substr(0, colon)), "content-disposition")) continue;
    part.name = parameter(line.substr(colon + 1), "name");
    part.filename = parameter(line.substr(colon + 1), "filename");
  }
  return part;
}

/// Where the line break before the next boundary is: a line that only begins like one is content.
std::size_t find_boundary(std::string_view body, const std::string& between, std::size_t from) {
  for (;;) {
    const std::size_t at = body.find(between, from);
    if (at == std::string_view::npos) return at;
    const std::string_view after = body.substr(at + between.size(), 2);
    if (after == "\r\n" || after == "--") return at;
    from = at + between.size();
  }
}

}  // namespace

std::string boundary_of(std::string_view content_type) {
  const std::string_view type =
      trimmed(content_type.substr(0, std::min(content_type.find(';'), content_type.size())));
  if (!equal_but_case(type, "multipart/form-data")) return {};
  const std::string_view found = parameter(content_type, "boundary");
  return found.size() > kLongestBoundary ? std::string() : std::string(found);
}

std::vector<FormPart> form_parts(std::string_view body, std::string_view boundary, std::size_t most) {
  if (boundary.empty()) fail_form("no boundary");
  const std::string line = "--" + std::string(boundary);
  const std::string between = "\r\n" + line;
  std::size_t at = 0;
  if (!body.starts_with(line)) {
    at = find_boundary(body, between, 0);
    if (at == std::string_view::npos) fail_form("the body does not have the boundary of its Content-Type");
    at += 2;
  }
  std::vector<FormPart> parts;
  for (;;) {
    at += line.size();
    if (body.substr(at, 2) == "--") return parts;
    if (body.substr(at, 2) != "\r\n") fail_form("a boundary does not end its line");
    if (parts.size() == most) fail_form(cat("more than ", most, " parts"));
    // A part without headers begins with the empty line at once; its content may be empty.
    const std::size_t head_end = body.find("\r\n\r\n", at);
    if (head_end == std::string_view::npos || head_end - at > kLongestHead)
      fail_form("a part's headers do not end");
    const std::size_t begin = head_end + 4;
    const std::size_t end = find_boundary(body, between, begin);
    if (end == std::string_view::npos) fail_form("the last part does not end");
    const std::string_view head =
        head_end == at ? std::string_view() : body.substr(at + 2, head_end - at - 2);
    parts.push_back(part_of(head, body.substr(begin, end - begin)));
    at = end + 2;
  }
}

}  // namespace graft::serve
