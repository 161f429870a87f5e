// SPDX-License-Identifier: Apache-2.0
// Threads that do what requests ask for, so that the server's own thread never waits for a disk.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace graft::serve::studio {

/// A bounded queue in front of some threads.
class Workers {
 public:
  explicit Workers(std::size_t threads);
  /// As stop().
  ~Workers() { stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// False: too much waits. work must not throw.
  [[nodiscard]] bool add(std::function<void()> work);
  /// Does what was accepted, and ends.
  void stop();

 private:
  static constexpr std::size_t kMost = 512;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace graft::serve::studio
