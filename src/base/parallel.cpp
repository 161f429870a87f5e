// SPDX-License-Identifier: Apache-2.0
#include "graft/base/parallel.hpp"

#include <algorithm>

#include <omp.h>
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

#include "graft/error.hpp"

namespace graft {
namespace {

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

}  // namespace

// Not instrumented itself: the compiler passes its variables to the threads before `observe`. `body` is.
[[gnu::no_sanitize_thread]] void parallel_for(std::size_t count, std::size_t grain,
                                              const std::function<void(std::size_t, std::size_t)>& body) {
  if (count == 0) return;
  const std::size_t most = (count + std::max<std::size_t>(grain, 1) - 1) / std::max<std::size_t>(grain, 1);
  const std::size_t parts = std::min<std::size_t>(most, static_cast<std::size_t>(num_threads()));
  if (parts <= 1 || omp_in_parallel() != 0) {
    body(0, count);
    return;
  }
  char start = 0;
  char end = 0;
  publish(&start);
  // The same thread pool that oneDNN uses: a second pool would compete for the cores.
#pragma omp parallel for schedule(static) num_threads(static_cast <int>(parts))
  for (std::size_t part = 0; part < parts; ++part) {
    observe(&start);
    body(count * part / parts, count * (part + 1) / parts);
    publish(&end);
  }
  observe(&end);
}

}  // namespace graft
