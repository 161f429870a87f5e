// SPDX-License-Identifier: Apache-2.0
#include "graft/base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>

#include <omp.h>
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

#include "base/thread_team.hpp"

namespace graft {
namespace {

thread_local bool uses_openmp = false;
thread_local int most_threads = 0;  ///< ThreadLimit's; 0: none

// ThreadSanitizer does not see the barriers of libgomp, which is not compiled with it, and would report a
// race wherever a loop reads what another loop has written. These two functions report the order to it: what
// a thread did before `publish` happens before what another thread does after `observe` of the same address.
#if defined(__SANITIZE_THREAD__)
void publish(void* address) { __tsan_release(address); }
void observe(void* address) { __tsan_acquire(address); }
#else
void publish(void* /*address*/) {}
void observe(void* /*address*/) {}
#endif

using Body = base::ThreadTeam::Body;

// Not instrumented itself: the compiler passes its variables to the threads before `observe`. `body` is.
[[gnu::no_sanitize_thread]] void run_with_openmp(std::size_t count, std::size_t parts, int threads,
                                                 const Body& body) {
  char start = 0;
  char end = 0;
  std::atomic<bool> failed = false;
  std::exception_ptr failure;
  publish(&start);
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::size_t part = 0; part < parts; ++part) {
    observe(&start);
    try {
      body(count * part / parts, count * (part + 1) / parts);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
    publish(&end);
  }
  observe(&end);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

void parallel_for(std::size_t count, std::size_t grain, const Body& body) {
  if (count == 0) return;
  const std::size_t most = (count + std::max<std::size_t>(grain, 1) - 1) / std::max<std::size_t>(grain, 1);
  const std::size_t parts =
      std::min({most, static_cast<std::size_t>(num_threads()), base::ThreadTeam::kMostParts});
  if (parts <= 1 || in_parallel()) return body(0, count);
  const int threads = ThreadLimit::limited(static_cast<int>(parts));
  if (threads == 1) return base::ThreadTeam::run_alone(count, parts, body);
  if (uses_openmp) return run_with_openmp(count, parts, threads, body);
  base::ThreadTeam::of_this_thread().run(count, parts, static_cast<std::size_t>(threads), body);
}

bool in_parallel() { return base::ThreadTeam::in_part() || omp_in_parallel() != 0; }

ThreadLimit::ThreadLimit(int threads) : before_(most_threads), openmp_threads_before_(omp_get_max_threads()) {
  most_threads = std::max(threads, 1);
  if (!in_parallel()) omp_set_num_threads(limited(openmp_threads_before_));
}
ThreadLimit::~ThreadLimit() {
  most_threads = before_;
  if (!in_parallel()) omp_set_num_threads(openmp_threads_before_);
}
int ThreadLimit::limited(int count) { return most_threads == 0 ? count : std::min(count, most_threads); }

OpenMpLoops::OpenMpLoops(bool wanted) : before_(uses_openmp) { uses_openmp = wanted; }
OpenMpLoops::~OpenMpLoops() { uses_openmp = before_; }

}  // namespace graft
