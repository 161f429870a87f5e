// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>
#include <vector>

namespace graft::data {

/// Threads that run one function each and are joined by its destructor; the owner must make the function
/// end.
class Workers {
 public:
  Workers() = default;
  ~Workers() { join(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Starts up to `count` threads; returns how many were started. body must not throw.
  std::size_t start(std::size_t count, const std::function<void()>& body);
  void join();

 private:
  std::vector<std::thread> threads_;
};

/// The number of threads for an option `threads`: 0 means graft::num_threads(). Error{invalid_argument} below
/// 0.
[[nodiscard]] std::size_t worker_count(int threads);

}  // namespace graft::data
