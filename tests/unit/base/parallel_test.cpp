// SPDX-License-Identifier: Apache-2.0
#include "graft/base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <omp.h>

#include "graft/base/execution_scope.hpp"

namespace graft {
namespace {

using Clock = std::chrono::steady_clock;
using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;

/// The ranges of a loop, sorted.
Ranges ranges_of(std::size_t count, std::size_t grain) {
  Ranges ranges(count);
  std::atomic<std::size_t> next = 0;
  parallel_for(count, grain, [&](std::size_t begin, std::size_t end) { ranges[next++] = {begin, end}; });
  ranges.resize(next);
  std::ranges::sort(ranges);
  return ranges;
}

TEST(ParallelFor, RangesDependOnTheNumberOfThreadsOnly) {
  for (const int threads : {1, 2, 3, 8}) {
    const ExecutionScope scope({.threads = threads});
    const Ranges first = ranges_of(1003, 10);
    EXPECT_EQ(first.size(), static_cast<std::size_t>(threads));
    for (int i = 0; i < 200; ++i) ASSERT_EQ(ranges_of(1003, 10), first);
  }
}

TEST(ParallelFor, ComputesOnOneThreadInsideABody) {
  const ExecutionScope scope({.threads = 2});
  parallel_for(2, 1, [&](std::size_t begin, std::size_t end) {
    EXPECT_TRUE(in_parallel());
    EXPECT_EQ(num_threads(), 1);
    const std::thread::id mine = std::this_thread::get_id();
    for (std::size_t i = begin; i < end; ++i)
      parallel_for(100, 1, [&](std::size_t, std::size_t) { EXPECT_EQ(std::this_thread::get_id(), mine); });
  });
  EXPECT_FALSE(in_parallel());
  EXPECT_EQ(num_threads(), 2);
}

/// The threads that run a loop.
std::set<std::thread::id> threads_of(std::size_t count) {
  std::vector<std::thread::id> of(count);
  parallel_for(count, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) of[i] = std::this_thread::get_id();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  return {of.begin(), of.end()};
}

TEST(ParallelFor, ALimitOfThreadsKeepsTheRanges) {
  const ExecutionScope scope({.threads = 4});
  const Ranges all = ranges_of(1003, 10);
  for (const bool openmp : {false, true}) {
    const OpenMpLoops loops(openmp);
    const ThreadLimit limit(1);
    EXPECT_EQ(num_threads(), 4);
    EXPECT_EQ(ranges_of(1003, 10), all);
    EXPECT_EQ(threads_of(8), std::set{std::this_thread::get_id()});
    parallel_for(4, 1, [](std::size_t, std::size_t) { EXPECT_EQ(num_threads(), 1); });
    const ThreadLimit two(2);
    EXPECT_EQ(ranges_of(1003, 10), all);
  }
  EXPECT_EQ(ranges_of(1003, 10), all);
}

TEST(ParallelFor, ALimitOfThreadsIsThatOfTheLoops) {
  const ExecutionScope scope({.threads = 4});
  std::thread([] {
    const ExecutionScope inner({.threads = 4});
    const ThreadLimit limit(2);
    for (int i = 0; i < 20; ++i) EXPECT_LE(threads_of(4).size(), 2U);
    EXPECT_EQ(omp_get_max_threads(), 2);
    const ExecutionScope more({.threads = 8});
    EXPECT_EQ(omp_get_max_threads(), 2) << "oneDNN asks OpenMP";
  }).join();
}

TEST(ParallelFor, ThrowsWhatABodyThrowsWhenAllHaveEnded) {
  const ExecutionScope scope({.threads = 4});
  for (int i = 0; i < 200; ++i) {
    std::atomic<int> running = 0;
    const auto body = [&](std::size_t begin, std::size_t) {
      ++running;
      std::this_thread::yield();
      --running;
      if (begin % 2 == 0) throw std::runtime_error("odd");
    };
    EXPECT_THROW(parallel_for(4, 1, body), std::runtime_error);
    EXPECT_EQ(running, 0);
  }
  EXPECT_EQ(ranges_of(4, 1).size(), 4U);
}

TEST(ParallelFor, ServesSeveralCallingThreads) {
  std::atomic<int> wrong = 0;
  const auto call = [&] {
    const ExecutionScope scope({.threads = 3});
    for (int i = 0; i < 300; ++i) {
      std::vector<int> hits(97, 0);
      parallel_for(hits.size(), 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t at = begin; at < end; ++at) ++hits[at];
      });
      if (!std::ranges::all_of(hits, [](int hit) { return hit == 1; })) ++wrong;
    }
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) callers.emplace_back(call);
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

/// Threads that compute until they are destroyed.
class OtherWork {
 public:
  explicit OtherWork(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      threads_.emplace_back([this] {
        while (!ended_) sum_ = sum_ + 1;
      });
    }
  }
  ~OtherWork() {
    ended_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> ended_ = false;
  std::atomic<std::uint64_t> sum_ = 0;
  std::vector<std::thread> threads_;
};

/// The time of many short loops, as those of a network.
double seconds_of_loops(int threads) {
  constexpr std::size_t kElements = 20000;
  const ExecutionScope scope({.threads = threads});
  std::vector<double> numbers(kElements, 2.0);
  const Clock::time_point begin = Clock::now();
  for (int loop = 0; loop < 300; ++loop) {
    parallel_for(kElements, 1, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) numbers[i] = std::sqrt(numbers[i] + 1);
    });
  }
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Case photos/16_busy_machine. With libgomp's threads two were 5 to 100 times slower than one here.
TEST(ParallelFor, TwoThreadsAreNotMuchSlowerThanOneOnABusyMachine) {
  const OtherWork others(2 * std::max(1U, std::thread::hardware_concurrency()));
  double best = 1e9;
  for (int trial = 0; trial < 5 && best > 2; ++trial)
    best = std::min(best, seconds_of_loops(2) / seconds_of_loops(1));
  EXPECT_LT(best, 2.0);
}

}  // namespace
}  // namespace graft
