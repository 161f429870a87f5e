// SPDX-License-Identifier: Apache-2.0
#include "http_client.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace graft::test {

Connection::Connection(std::uint16_t port, int buffer) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  if (buffer > 0) setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect");
}

Connection::~Connection() { close(socket_); }

bool Connection::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Connection::end() const { shutdown(socket_, SHUT_WR); }

std::string Connection::read(double seconds) const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::string all;
  for (;;) {
    const std::size_t head = all.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::size_t at = all.find("Content-Length: ");
      const std::size_t length = at < head ? std::strtoull(all.c_str() + at + 16, nullptr, 10) : 0;
      if (all.size() >= head + 4 + length) return all;
    }
    const auto left =
        std::chrono::duration<double, std::milli>(until - std::chrono::steady_clock::now()).count();
    pollfd one{.fd = socket_, .events = POLLIN, .revents = 0};
    if (left <= 0 || poll(&one, 1, static_cast<int>(left) + 1) <= 0) return all;
    std::array<char, 65536> part{};
    const ssize_t count = recv(socket_, part.data(), part.size(), 0);
    if (count <= 0) return all;
    all.append(part.data(), static_cast<std::size_t>(count));
  }
}

Answer answer_in(const std::string& bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string::npos || bytes.size() < 12) return {};
  return {
      .status = std::atoi(bytes.c_str() + 9), .head = bytes.substr(0, head), .body = bytes.substr(head + 4)};
}

Answer ask(std::uint16_t port, const Ask& request) {
  const Connection connection(port);
  std::string text =
      request.method + " " + request.path + " HTTP/1.1\r\nHost: " + request.host + "\r\n" + request.headers;
  if (!request.body.empty() || request.method == "POST")
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  connection.send(text + "\r\n" + request.body);
  return answer_in(connection.read());
}

}  // namespace graft::test
