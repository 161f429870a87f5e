// SPDX-License-Identifier: Apache-2.0
// serve_client PORT PATH CLIENTS REQUESTS SECONDS MARK PHOTO...: clients that post photos to 127.0.0.1 one
// after the other, each on a connection that stays, until so many requests are answered or so many seconds
// have passed. What follows MARK in an answer, up to a quote, comma or bracket, must be what the photo had
// when it was asked alone. Prints one line of JSON: requests per second, milliseconds, answers of another
// photo, busy (503), errors. One thread, so that a server on the same processor keeps the most of it;
// benchmarks/serve_load.py and tests/serve use it.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
  std::uint16_t port = 0;
  std::size_t clients = 1, requests = 1;
  double seconds = 10;
  std::string mark;
  std::vector<std::string> photos;    ///< whole requests
  std::vector<std::string> expected;  ///< of each photo, after mark
};

struct Counts {
  std::size_t answered = 0, wrong = 0, busy = 0, errors = 0;
  std::vector<double> milliseconds;
  std::string last;  ///< what followed the mark
};

/// What follows the mark; empty: it is not there.
std::string marked(std::string_view answer, const std::string& mark) {
  const std::size_t at = mark.empty() ? std::string_view::npos : answer.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = answer.substr(at + mark.size());
  return std::string(rest.substr(0, rest.find_first_of("\",]}")));
}

/// The length of a whole response at the beginning of the bytes; 0: it is not complete.
std::size_t response_length(const std::string& bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string::npos) return 0;
  std::size_t at = bytes.find("ontent-");  // Content-Length or content-length
  while (at < head && bytes.compare(at + 7, 6, "Length") != 0 && bytes.compare(at + 7, 6, "length") != 0)
    at = bytes.find("ontent-", at + 1);
  const std::size_t length = at < head ? std::strtoull(bytes.c_str() + at + 14, nullptr, 10) : 0;
  return bytes.size() >= head + 4 + length ? head + 4 + length : 0;
}

class Client {
 public:
  Client(const Settings& settings, std::size_t first) : settings_(settings), photo_(first) { open(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(socket_); }

  void begin() {
    photo_ = (photo_ + 7) % settings_.photos.size();
    sent_ = 0;
    answer_.clear();
    since_ = Clock::now();
  }
  [[nodiscard]] pollfd waits_for() const {
    const bool sends = sent_ < settings_.photos[photo_].size();
    return {.fd = socket_, .events = static_cast<short>(sends ? POLLOUT : POLLIN), .revents = 0};
  }
  /// Sends or reads what goes at once; counts an answer and begins the next request.
  void go_on(Counts& counts) {
    const std::string& request = settings_.photos[photo_];
    if (sent_ < request.size()) {
      const ssize_t count = ::send(socket_, request.data() + sent_, request.size() - sent_, MSG_NOSIGNAL);
      if (count <= 0) return start_again(counts);
      sent_ += static_cast<std::size_t>(count);
      return;
    }
    std::array<char, 65536> part{};
    const ssize_t count = recv(socket_, part.data(), part.size(), 0);
    if (count <= 0) return start_again(counts);
    answer_.append(part.data(), static_cast<std::size_t>(count));
    if (response_length(answer_) == 0) return;
    note(counts);
    begin();
  }

 private:
  void open() {
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(settings_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      std::perror("cannot connect");
      std::exit(1);
    }
  }
  void start_again(Counts& counts) {
    ++counts.errors;
    ::close(socket_);
    open();
    begin();
  }
  void note(Counts& counts) const {
    const bool good = answer_.compare(9, 3, "200") == 0;
    if (answer_.compare(9, 3, "503") == 0) {
      ++counts.busy;
      return;
    }
    if (!good) {
      ++counts.errors;
      return;
    }
    ++counts.answered;
    counts.last = marked(answer_, settings_.mark);
    if (!settings_.expected.empty() && counts.last != settings_.expected[photo_]) ++counts.wrong;
    counts.milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - since_).count());
  }

  const Settings& settings_;
  int socket_ = -1;
  std::size_t photo_, sent_ = 0;
  std::string answer_;
  Clock::time_point since_;
};

/// What each photo is answered when it is asked alone.
std::vector<std::string> answers_alone(const Settings& settings) {
  std::vector<std::string> all;
  for (const std::string& request : settings.photos) {
    const Settings one{.port = settings.port, .mark = settings.mark, .photos = {request}};
    Client client(one, 0);
    client.begin();
    Counts counts;
    while (counts.answered == 0) {
      pollfd wait = client.waits_for();
      if (poll(&wait, 1, 60000) > 0) client.go_on(counts);
      if (wait.revents == 0 || counts.errors + counts.busy > 0) {
        std::fprintf(stderr, "a photo has no answer\n");
        std::exit(1);
      }
    }
    all.push_back(counts.last);
  }
  return all;
}

std::string request_of(const std::string& path, const char* file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/octet-stream\r\n" +
         "Content-Length: " + std::to_string(bytes.size()) + "\r\n\r\n" + bytes;
}

Counts run(const Settings& settings) {
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < settings.clients; ++i) {
    clients.push_back(std::make_unique<Client>(settings, i % settings.photos.size()));
    clients.back()->begin();
  }
  Counts counts;
  const auto end = Clock::now() + std::chrono::duration<double>(settings.seconds);
  std::vector<pollfd> waits(clients.size());
  while (counts.answered < settings.requests && Clock::now() < end) {
    for (std::size_t i = 0; i < clients.size(); ++i) waits[i] = clients[i]->waits_for();
    if (poll(waits.data(), waits.size(), 1000) <= 0) continue;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (waits[i].revents != 0) clients[i]->go_on(counts);
    }
  }
  return counts;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 8) return std::fprintf(stderr, "see the first lines of serve_client.cpp\n"), 2;
  Settings settings{.port = static_cast<std::uint16_t>(std::atoi(argv[1])),
                    .clients = std::strtoull(argv[3], nullptr, 10),
                    .requests = std::strtoull(argv[4], nullptr, 10),
                    .seconds = std::atof(argv[5]),
                    .mark = argv[6]};
  for (int i = 7; i < argc; ++i) settings.photos.push_back(request_of(argv[2], argv[i]));
  if (!settings.mark.empty()) settings.expected = answers_alone(settings);
  const auto begin = Clock::now();
  Counts counts = run(settings);
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::ranges::sort(counts.milliseconds);
  const auto at = [&](double part) {
    if (counts.milliseconds.empty()) return 0.0;
    return counts
        .milliseconds[static_cast<std::size_t>(part * static_cast<double>(counts.milliseconds.size() - 1))];
  };
  std::printf(
      "{\"requests\": %zu, \"seconds\": %.3f, \"per_second\": %.1f, \"median_ms\": %.3f, \"p99_ms\": %.3f, "
      "\"wrong\": %zu, \"busy\": %zu, \"errors\": %zu}\n",
      counts.answered, seconds, static_cast<double>(counts.answered) / seconds, at(0.5), at(0.99),
      counts.wrong, counts.busy, counts.errors);
  return counts.answered > 0 ? 0 : 1;
}
