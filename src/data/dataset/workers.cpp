// SPDX-License-Identifier: Apache-2.0
#include "data/dataset/workers.hpp"

#include <system_error>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"

namespace graft::data {

std::size_t Workers::start(std::size_t count, const std::function<void()>& body) {
  threads_.reserve(threads_.size() + count);
  for (std::size_t i = 0; i < count; ++i) {
    try {
      threads_.emplace_back(body);
    } catch (const std::system_error&) {
      break;  // the system starts no more threads: the started ones do the work
    }
  }
  return threads_.size();
}

void Workers::join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::size_t worker_count(int threads) {
  if (threads < 0) fail(ErrorKind::invalid_argument, "threads: expected 0 or more, received ", threads);
  return static_cast<std::size_t>(threads == 0 ? num_threads() : threads);
}

}  // namespace graft::data
