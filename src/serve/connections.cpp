// SPDX-License-Identifier: Apache-2.0
#include "serve/connections.hpp"

#include <algorithm>

#include <sys/socket.h>

namespace graft::serve {
namespace {

/// Bytes a second that a client reads of a long answer, at least.
constexpr std::size_t kSlowestReader = std::size_t{1} << 20;
/// Who reads longer is slow: most answers are in the system's buffers at once.
constexpr auto kUsualReading = std::chrono::seconds(1);

/// Whether the client sends no more and all that it sent was read. libmicrohttpd does not see an end that
/// comes together with the last bytes.
bool has_ended(int socket) {
  char byte = 0;
  return recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace

bool Connections::admits(const std::string& address, bool loopback) const {
  if (loopback) return true;
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  return found == by_address_.end() || found->second < limits_.connections_per_address;
}

void Connections::opened(Id id, int socket, const std::string& address, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  all_[id] = One{.socket = socket, .address = address, .since = now};
  ++by_address_[address];
  make_room(now);
}

void Connections::closed(Id id) {
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(id);
  if (found == all_.end()) return;
  const auto address = by_address_.find(found->second.address);
  if (--address->second == 0) by_address_.erase(address);
  all_.erase(found);
}

void Connections::began(Id id, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(id);
  if (found == all_.end()) return;
  found->second.doing = Doing::sending;
  found->second.since = now;
  found->second.bytes = 0;
}

void Connections::received(Id id, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(id);
  if (found != all_.end()) found->second.bytes += bytes;
}

void Connections::complete(Id id) {
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(id);
  if (found != all_.end()) found->second.doing = Doing::served;
}

void Connections::answering(Id id, std::size_t bytes, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(id);
  if (found == all_.end()) return;
  found->second.doing = Doing::reading;
  found->second.since = now;
  found->second.bytes = bytes;
}

void Connections::answered(Id id, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(id);
  if (found == all_.end()) return;
  found->second.doing = Doing::waiting;
  found->second.since = now;
}

void Connections::close_slow(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, one] : all_) {
    if (one.doing == Doing::served || one.shut) continue;
    if (now - one.since > most_time(one)) {
      shut_down(one);
      continue;
    }
    const bool ended = one.doing != Doing::reading && has_ended(one.socket);
    // Twice: what was read a moment ago may be a whole request.
    if (ended && one.ended) {
      one.shut = true;
      shutdown(one.socket, SHUT_RDWR);
    }
    one.ended = ended;
  }
}

/// How long a client may do what it does.
Connections::Clock::duration Connections::most_time(const One& one) const {
  if (one.doing == Doing::waiting) return limits_.idle;
  if (one.doing != Doing::reading) return limits_.request;
  return limits_.request + std::chrono::seconds(one.bytes / kSlowestReader);
}

std::size_t Connections::count() const {
  const std::lock_guard lock(mutex_);
  return all_.size();
}

std::size_t Connections::requests() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(all_, [](const auto& one) { return one.second.doing != Doing::waiting; }));
}

std::size_t Connections::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void Connections::shut_down(One& one) {
  if (one.shut) return;
  one.shut = true;
  ++dropped_;
  // The server's thread sees the end of the stream and closes it; the number stays valid until closed().
  shutdown(one.socket, SHUT_RDWR);
}

/// Those that wait, the longest first; then those that have read their answer for a while, the longest first;
/// then those that send, the slowest first. Nobody who waits for an answer.
void Connections::make_room(Clock::time_point now) {
  const auto open =
      static_cast<std::size_t>(std::ranges::count_if(all_, [](const auto& one) { return !one.second.shut; }));
  if (4 * open <= 3 * limits_.connections) return;
  One* chosen = nullptr;
  const auto seconds = [&](const One& one) {
    return std::chrono::duration<double>(now - one.since).count() + 1e-3;
  };
  const auto rate = [&](const One& one) { return static_cast<double>(one.bytes) / seconds(one); };
  const auto before = [&](const One& a, const One& b) {
    if (a.doing != b.doing) return a.doing < b.doing;
    return a.doing == Doing::sending ? rate(a) < rate(b) : a.since < b.since;
  };
  for (auto& [id, one] : all_) {
    if (one.shut || one.doing == Doing::served || one.since == now) continue;
    if (one.doing == Doing::reading && now - one.since < kUsualReading) continue;
    if (chosen == nullptr || before(one, *chosen)) chosen = &one;
  }
  if (chosen != nullptr) shut_down(*chosen);
}

}  // namespace graft::serve
