// SPDX-License-Identifier: Apache-2.0
// Requests and responses of HTTP, without the library that carries them.
#pragma once

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace graft::serve {

/// A request's first lines.
struct RequestHead {
  std::string method, path;                  ///< path: decoded, without the query
  std::map<std::string, std::string> query;  ///< decoded; of a name given twice the last value
  std::string host, origin, authorization, content_type, content_encoding;
  std::string inference_header_length;  ///< KServe's Inference-Header-Content-Length
  std::string version;                  ///< "{version}" of the path; empty: it has none

  /// A value of the query; empty where it is not there.
  [[nodiscard]] std::string value(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  }
};

struct Request : RequestHead {
  std::string body;
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// {"error": text} with this status.
[[nodiscard]] Response error_response(unsigned status, std::string_view text);

/// What a client gets as the reason: the server's own trouble has 500 and no details, a name that is not
/// there 404, anything else is the request's, 400.
struct Failure {
  unsigned status = 500;
  std::string text = "the server could not answer";
};
[[nodiscard]] Failure failure_of(const std::exception& error);

/// Sends the response of one request. Copies answer the same request; the first answer counts. From any
/// thread.
using Reply = std::function<void(Response)>;

/// What a server does with its requests. Called from the server's own thread: must not block.
struct Handlers {
  /// Of a request whose body has not come yet: a response that ends it, or none.
  std::function<std::optional<Response>(const RequestHead&)> check;
  /// Of a whole request: calls reply once, then or later.
  std::function<void(Request, Reply)> handle;
};

}  // namespace graft::serve
