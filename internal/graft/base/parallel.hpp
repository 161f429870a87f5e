// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

#include "graft/execution.hpp"

namespace graft {

/// Calls body(begin, end) over disjoint ranges that cover [0, count), on num_threads() threads. The ranges
/// depend only on count, grain and num_threads(); which thread computes a range depends on who is free.
/// Ranges have at least `grain` elements where count allows it. Throws what a call of body has thrown, when
/// no call runs any more.
void parallel_for(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body);

/// Whether the calling thread is in the body of a parallel_for.
[[nodiscard]] bool in_parallel();

/// While it lives, loops of the calling thread run on at most `threads` threads, at least 1. Only the speed
/// changes: num_threads() and the ranges of parallel_for stay, so that results are the same bit by bit. For
/// programs that compute several things at once: each on some of the cores. The innermost one counts; destroy
/// them in reverse order, in the thread that made them.
class ThreadLimit {
 public:
  explicit ThreadLimit(int threads);
  ~ThreadLimit();
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;

  /// The limit of the calling thread, or the given count where that is less or there is none.
  [[nodiscard]] static int limited(int count);

 private:
  int before_;
  int openmp_threads_before_;
};

/// While it lives and `wanted` is true, parallel_for of the calling thread uses OpenMP's threads instead of
/// graft's. For loops that alternate with those of oneDNN, which are OpenMP's: two groups of waiting threads
/// would compete for the cores.
class OpenMpLoops {
 public:
  explicit OpenMpLoops(bool wanted);
  ~OpenMpLoops();
  OpenMpLoops(const OpenMpLoops&) = delete;
  OpenMpLoops& operator=(const OpenMpLoops&) = delete;

 private:
  bool before_;
};

}  // namespace graft
