// SPDX-License-Identifier: Apache-2.0
// The open connections: which are too slow, and which are given up where there are too many.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "graft/serve/server.hpp"

namespace graft::serve {

/// Closes connections that take too long, and near the limit those that have waited longest, so that a client
/// that asks something is always let in. Threads: all members may be called from any.
class Connections {
 public:
  using Clock = std::chrono::steady_clock;
  using Id = const void*;

  explicit Connections(const Limits& limits) : limits_(limits) {}

  /// False where one more of this address is too many. loopback: of this computer, which has no limit of its
  /// own.
  [[nodiscard]] bool admits(const std::string& address, bool loopback) const;
  /// A connection was opened; above three quarters of the limit others are shut down.
  void opened(Id id, int socket, const std::string& address, Clock::time_point now);
  void closed(Id id);
  /// The head of a request was read.
  void began(Id id, Clock::time_point now);
  /// Some of its body was.
  void received(Id id, std::size_t bytes);
  /// All of it was: from now on the server works.
  void complete(Id id);
  /// The server begins to send a response of this size: from now on the client reads.
  void answering(Id id, std::size_t bytes, Clock::time_point now);
  /// The response was sent.
  void answered(Id id, Clock::time_point now);
  /// Shuts down those that take longer than the limits allow, and those whose client went away before its
  /// request was complete. To be called regularly.
  void close_slow(Clock::time_point now);

  [[nodiscard]] std::size_t count() const;
  /// Requests that have begun and are not answered.
  [[nodiscard]] std::size_t requests() const;
  /// Connections that were shut down so far.
  [[nodiscard]] std::size_t dropped() const;

 private:
  /// The client: nothing, or sends a head; reads its answer; sends a body; waits for the answer. Above the
  /// limit those of the lower values are shut down first.
  enum class Doing { waiting, reading, sending, served };
  struct One {
    int socket = -1;
    std::string address;
    Doing doing = Doing::waiting;
    Clock::time_point since;  ///< of what it does
    std::size_t bytes = 0;    ///< of the body, or of the answer
    bool ended = false;       ///< at the last look: the client sends no more, and all was read
    bool shut = false;
  };

  [[nodiscard]] Clock::duration most_time(const One& one) const;
  void shut_down(One& one);
  void make_room(Clock::time_point now);

  Limits limits_;
  mutable std::mutex mutex_;
  std::map<Id, One> all_;
  std::map<std::string, std::size_t> by_address_;
  std::size_t dropped_ = 0;
};

}  // namespace graft::serve
