// SPDX-License-Identifier: Apache-2.0
// graft serve, sent bytes that are nearly requests over the loopback address; and its reader of forms. No
// request may be answered with 500, and after each the server must answer the next. A line "Content-Length:
// @" gets the length of the body as it was changed.
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "graft/serve/server.hpp"

#include "fuzz.hpp"
#include "serve/multipart.hpp"
#include "small_model.hpp"

namespace {

namespace fs = std::filesystem;

[[noreturn]] void finding(const char* what, std::string_view request, std::string_view answer) {
  static_cast<void>(
      graft::fuzz::as_file(reinterpret_cast<const std::uint8_t*>(request.data()), request.size()));
  std::fprintf(stderr, "finding: %s\n%.*s\n", what, static_cast<int>(answer.size()), answer.data());
  std::abort();
}

/// Serves a small model, and keeps corrected photos, in a folder that goes at the end.
class Served {
 public:
  Served() : folder_(fs::temp_directory_path() / ("graft-fuzz-" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
    graft::test::write_model(folder_ / "colours.keras");
  }
  ~Served() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  [[nodiscard]] graft::serve::ServeOptions options() const {
    graft::serve::ServeOptions options{.models = {{"colours", folder_ / "colours.keras"}}, .port = 0};
    options.collect = folder_ / "kept";
    options.limits.pixels = 1 << 16;
    options.execution.threads = 1;
    return options;
  }

  /// Two folders, of the two classes, and nothing beside them.
  [[nodiscard]] bool is_clean() const {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_))
      if (entry.path().filename() != "colours.keras" && entry.path().filename() != "kept") return false;
    if (!fs::exists(folder_ / "kept")) return true;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ / "kept"))
      if (entry.path().filename() != "red" && entry.path().filename() != "blue") return false;
    return true;
  }

 private:
  fs::path folder_;
};

/// All that is answered until the server closes.
std::string answer_to(std::uint16_t port, std::string_view request) {
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  const timeval most{.tv_sec = 4, .tv_usec = 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    finding("the server accepts no connection", request, {});
  for (std::string_view rest = request; !rest.empty();) {
    const ssize_t sent = send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;  // refused before its end
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  // What is no whole request gets no answer. An end that comes with the last bytes is seen a little later.
  pollfd answered{.fd = connection, .events = POLLIN, .revents = 0};
  static_cast<void>(poll(&answered, 1, 3));
  shutdown(connection, SHUT_WR);
  std::string answer;
  std::array<char, 16384> part{};
  ssize_t count = 0;
  while ((count = recv(connection, part.data(), part.size(), 0)) > 0)
    answer.append(part.data(), static_cast<std::size_t>(count));
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    finding("the server neither answers nor closes", request, answer);
  close(connection);
  return answer;
}

std::string with_length(std::string request) {
  constexpr std::string_view kLength = "Content-Length: @";
  const std::size_t at = request.find(kLength), head = request.find("\r\n\r\n");
  if (at == std::string::npos || head == std::string::npos || at > head) return request;
  return request.replace(at + kLength.size() - 1, 1, std::to_string(request.size() - head - 4));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Served served;
  static graft::serve::Server server(served.options());
  static std::size_t count = 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string request = with_length(std::string(bytes));
  const std::string answer = answer_to(server.port(), request);
  if (answer.find("HTTP/1.1 500") != std::string::npos) finding("status 500", request, answer);
  if (++count % 64 == 0) {
    const std::string healthy =
        answer_to(server.port(), "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    if (!healthy.starts_with("HTTP/1.1 200")) finding("the server is not healthy", request, healthy);
    if (!served.is_clean()) finding("a file where none belongs", request, answer);
  }
  return graft::fuzz::read([&] { static_cast<void>(graft::serve::form_parts(bytes, "b1", 8)); });
}
