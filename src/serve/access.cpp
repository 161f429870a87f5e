// SPDX-License-Identifier: Apache-2.0
#include "serve/access.hpp"

#include <algorithm>
#include <cctype>

namespace graft::serve {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// Paths that watching programs ask for without a token; they tell nothing but "ok".
bool is_open(const RequestHead& request) { return request.path == "/healthz" || request.path == "/readyz"; }

}  // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  unsigned different = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const char c = a.empty() ? '\0' : a[i % a.size()];
    different |= static_cast<unsigned char>(c) ^ static_cast<unsigned char>(b[i]);
  }
  return different == 0;
}

Access::Access(std::string token, std::vector<std::string> names)
    : token_(std::move(token)), names_(std::move(names)) {
  for (std::string& name : names_) name = lower(name);
}

bool Access::is_own(std::string_view host) const {
  const std::string given = lower(host);
  return std::ranges::any_of(names_, [&](const std::string& name) {
    return given == name || given == name + ":" + std::to_string(port_.load());
  });
}

std::optional<Response> Access::refuse(const RequestHead& request) const {
  if (!is_own(request.host)) return error_response(403, "the server is not known by this Host");
  if (!request.origin.empty()) {
    const std::size_t begin = request.origin.find("://");
    if (begin == std::string::npos || !is_own(std::string_view(request.origin).substr(begin + 3)))
      return error_response(403, "requests of pages of other sites are refused (Origin)");
  }
  if (token_.empty() || is_open(request)) return std::nullopt;
  // The page holds nothing secret; its tab has kept the token, and sends it, when it is loaded again.
  if (request.path == "/" && request.authorization.empty() && request.value("token").empty())
    return std::nullopt;
  constexpr std::string_view kBearer = "Bearer ";
  std::string given;
  if (request.authorization.starts_with(kBearer)) given = request.authorization.substr(kBearer.size());
  // A person opens the page by an address that has the token; the page sends it as above.
  if (given.empty() && request.path == "/") given = request.value("token");
  if (equal_in_constant_time(given, token_)) return std::nullopt;
  Response response =
      error_response(401, "the access token is missing or wrong: send Authorization: Bearer TOKEN");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace graft::serve
