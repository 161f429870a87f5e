// SPDX-License-Identifier: Apache-2.0
// One GET over HTTP. The only part that knows libcurl.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace graft {
inline namespace store {

inline constexpr long kHttpOk = 200, kHttpPartial = 206;

struct HttpRequest {
  std::string url;
  std::uint64_t from = 0;  ///< first byte wanted; 0: the whole file
  std::string validator;   ///< an ETag or a date for If-Range; empty: none
  double connect_timeout = 20;
  double stall_timeout = 30;
};

/// The head of the last answer, after all redirections.
struct HttpHead {
  long status = 0;
  std::string etag;           ///< with its quotes; empty: none
  std::string last_modified;  ///< likewise
  std::string linked_hash;  ///< SHA-256 that Hugging Face states for a large file, from any answer on the way
  std::optional<std::uint64_t> length;       ///< of the body that follows
  std::optional<std::uint64_t> range_begin;  ///< of Content-Range
  std::optional<std::uint64_t> total;        ///< of Content-Range, also of a 416
  std::optional<double> retry_after;         ///< seconds
};

/// The caller's part: begin() once for an answer 200 or 206, before its first byte. False stops the request.
struct HttpReceiver {
  std::function<bool(const HttpHead& head)> begin;
  std::function<bool(std::span<const char> bytes)> bytes;
  std::function<bool()> tick;  ///< about ten times a second
};

struct HttpResult {
  enum class End {
    complete,     ///< the body of a 200 or 206 came to its end
    refused,      ///< another status
    unreachable,  ///< no connection: no such name, no route, refused, no proxy
    broken,       ///< the connection broke or stalled
    stopped,      ///< by the receiver
    invalid,  ///< nothing that trying again would change: the address, the certificate, too many redirections
  };
  End end = End::broken;
  HttpHead head;
  std::string reason;  ///< in words; empty where complete
};

/// Follows redirections to http and https; proxies as libcurl reads them from the environment. Threads: any.
[[nodiscard]] HttpResult http_get(const HttpRequest& request, const HttpReceiver& receiver);

}  // namespace store
}  // namespace graft
