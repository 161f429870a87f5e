// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace graft::base {

/// The calling thread and the threads that help it with its loops. Every thread that computes has a team of
/// its own, made at its first loop.
///
/// A loop's parts are not assigned to threads: each thread claims the next one. The calling thread waits
/// only for parts that another thread has claimed and not finished, so a helper that the system does not run
/// holds up nothing but the part that it is in. Waiting threads spin for a short time, somewhat longer while
/// the thread that they wait for runs, then sleep. Where the calling thread had to wait for a helper that the
/// system did not run, it computes all parts itself for several times as long as it waited. Results do not
/// depend on any of this: the parts are the same.
class ThreadTeam {
 public:
  using Body = std::function<void(std::size_t, std::size_t)>;
  /// Parts of a loop at most.
  static constexpr std::size_t kMostParts = 0xffff;

  ThreadTeam() = default;
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  /// The calling thread's.
  [[nodiscard]] static ThreadTeam& of_this_thread();
  /// Whether the calling thread is in a part of a loop.
  [[nodiscard]] static bool in_part();

  /// Divides [0, count) into `parts` ranges, 2 to kMostParts, and calls body for each; returns when all are
  /// done. threads, 2 to parts: how many run them; helpers that still spin after a loop of more threads join
  /// in. Not within a part. Throws what a call has thrown, the first where several have.
  void run(std::size_t count, std::size_t parts, std::size_t threads, const Body& body);
  /// The same in the calling thread alone. Throws what the first call that fails has thrown.
  static void run_alone(std::size_t count, std::size_t parts, const Body& body);

 private:
  using Clock = std::chrono::steady_clock;

  void add_helpers(std::size_t count);
  void help();
  /// Waits until another loop than number `seen` has begun, or the team ends; returns its number.
  std::uint32_t wait_for_loop(std::uint32_t seen);
  void wake(std::size_t helpers);
  /// Claims and runs parts of the current loop until none is left; returns how many.
  std::size_t run_parts();
  void wait_until_done(std::uint32_t parts);
  /// Processor time of all helpers.
  [[nodiscard]] Clock::duration helpers_time();
  /// From begin to end the calling thread waited for a helper that did not run.
  void note_stall(Clock::time_point begin, Clock::time_point end);
  [[nodiscard]] bool is_alone() const;

  std::vector<std::thread> helpers_;
  pid_t process_ = 0;  ///< that the helpers belong to
  clockid_t own_clock_ =
      0;  ///< processor time of the thread that the team is of; set before there are helpers
  // Of the current loop, constant while one of its parts is claimed and not done.
  const Body* body_ = nullptr;
  std::size_t count_ = 0;
  /// The loop's number, its parts, and how many of them are claimed: one word, so that a helper that comes
  /// late cannot claim a part of one loop with what it read of another.
  alignas(64) std::atomic<std::uint64_t> claims_ = 0;
  alignas(64) std::atomic<std::uint32_t> done_ = 0;  ///< finished parts
  std::atomic<bool> failed_ = false;                 ///< failure_ is set
  std::exception_ptr failure_;
  alignas(64) std::atomic<std::uint32_t> loop_ = 0;  ///< number of the current loop
  std::atomic<std::uint32_t> asleep_ = 0;            ///< helpers that sleep
  std::atomic<bool> ending_ = false;
  // After a stall: until when, and how long, the calling thread computes alone.
  Clock::time_point alone_until_;
  Clock::duration alone_for_ = Clock::duration::zero();
  int stall_factor_ = 0;  ///< alone_for_ divided by the stall's time
};

}  // namespace graft::base
