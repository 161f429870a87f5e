// SPDX-License-Identifier: Apache-2.0
// HTTP on a socket: the only place that knows libmicrohttpd.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "serve/connections.hpp"
#include "serve/http.hpp"

namespace graft::serve {

/// One thread reads and writes all connections (epoll); a connection whose request is being worked on sleeps.
class HttpServer {
 public:
  /// Errors: Error{io} naming address and port.
  HttpServer(const ServeOptions& options, Handlers handlers);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const Connections& connections() const;
  /// Accepts no further connection.
  void close_door();
  /// Waits until all requests are answered, for some seconds at most, and ends. All replies must have been
  /// called by then.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace graft::serve
