// SPDX-License-Identifier: Apache-2.0
// A client that sends bytes as they are, good or bad.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace graft::test {

/// A connection to 127.0.0.1, closed at the end.
class Connection {
 public:
  /// buffer: bytes that the system keeps of what comes, about; 0: its own choice.
  explicit Connection(std::uint16_t port, int buffer = 0);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// False where the other side has closed it.
  bool send(std::string_view bytes) const;
  /// Sends no more.
  void end() const;
  /// All that comes until the response is complete by its Content-Length, the other side closes, or `seconds`
  /// pass.
  [[nodiscard]] std::string read(double seconds = 10) const;

 private:
  int socket_;
};

/// A response in parts.
struct Answer {
  int status = 0;  ///< 0: none came
  std::string head, body;
};

/// One request with Host and Content-Length on a connection of its own.
struct Ask {
  std::string method = "GET", path = "/", body{}, headers{};  ///< headers: lines that end in \r\n
  std::string host = "localhost";
};
[[nodiscard]] Answer ask(std::uint16_t port, const Ask& request);
[[nodiscard]] Answer answer_in(const std::string& bytes);

}  // namespace graft::test
