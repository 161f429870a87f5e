// SPDX-License-Identifier: Apache-2.0
#include "base/thread_team.hpp"

#include <algorithm>
#include <ctime>
#include <system_error>
#include <utility>

#include <omp.h>
#include <pthread.h>
#include <unistd.h>

namespace graft::base {
namespace {

/// A helper spins this often between two loops, about 0.2 ms; the calling thread this often for the last
/// parts. Waking a thread takes 20 to 50 microseconds.
constexpr int kSpinsForLoop = 4000;
constexpr int kSpinsForEnd = 1000;
/// Then they spin as long as the thread that they wait for runs, looking after this many spins, and sleep at
/// the latest after this time.
constexpr int kSpinsBetweenLooks = 1000;
constexpr std::chrono::microseconds kLongestSpin(500);

/// After a stall the calling thread computes alone for this many times as long: the first time, and at most,
/// where stalls follow each other.
constexpr int kFirstStallFactor = 4;
constexpr int kMostStallFactor = 64;

constexpr unsigned kPartBits = 16;
constexpr std::uint64_t kPartMask = (1U << kPartBits) - 1;

thread_local bool is_in_part = false;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/// Spins until is_over(), about `spins` times at most; whether it is over.
template <typename IsOver>
bool spin(int spins, const IsOver& is_over) {
  for (int i = 0; i < spins; ++i) {
    if (is_over()) return true;
    pause();
  }
  return false;
}

/// Spins until is_over(), or until the threads whose processor time is time() have not run for half of the
/// time: spinning might keep them from a core. Whether it is over.
template <typename IsOver, typename Time>
bool spin_while_others_run(const IsOver& is_over, const Time& time) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  Clock::time_point looked = begin;
  Clock::duration ran = time();
  while (!spin(kSpinsBetweenLooks, is_over)) {
    const Clock::time_point now = Clock::now();
    const Clock::duration runs = time();
    if (2 * (runs - ran) < now - looked || now - begin > kLongestSpin) return false;
    looked = now;
    ran = runs;
  }
  return true;
}

/// Processor time of a thread; zero where the system does not tell it.
std::chrono::nanoseconds time_of(clockid_t clock) {
  timespec time = {};
  if (clock_gettime(clock, &time) != 0) return {};
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Kernels of oneDNN that run in a part compute in its thread only: oneDNN asks OpenMP for its threads.
class OnePart {
 public:
  OnePart() : threads_(omp_get_max_threads()) {
    omp_set_num_threads(1);
    is_in_part = true;
  }
  ~OnePart() {
    is_in_part = false;
    omp_set_num_threads(threads_);
  }
  OnePart(const OnePart&) = delete;
  OnePart& operator=(const OnePart&) = delete;

 private:
  int threads_;
};

}  // namespace

ThreadTeam& ThreadTeam::of_this_thread() {
  thread_local ThreadTeam team;
  return team;
}

bool ThreadTeam::in_part() { return is_in_part; }

ThreadTeam::~ThreadTeam() {
  ending_ = true;
  ++loop_;
  loop_.notify_all();
  // A process that was made by fork() has no helpers to wait for.
  const bool alive = process_ == getpid();
  for (std::thread& helper : helpers_) alive ? helper.join() : helper.detach();
}

void ThreadTeam::add_helpers(std::size_t count) {
  process_ = getpid();
  if (helpers_.empty()) static_cast<void>(pthread_getcpuclockid(pthread_self(), &own_clock_));
  try {
    while (helpers_.size() < count) helpers_.emplace_back([this] { help(); });
  } catch (const std::system_error&) {
    // The system allows no more threads: fewer do the work.
  }
}

void ThreadTeam::help() {
  const OnePart always;
  for (std::uint32_t seen = 0; !ending_;) {
    seen = wait_for_loop(seen);
    run_parts();
  }
}

std::uint32_t ThreadTeam::wait_for_loop(std::uint32_t seen) {
  const auto has_begun = [&] { return loop_.load(std::memory_order_acquire) != seen; };
  if (spin(kSpinsForLoop, has_begun) || spin_while_others_run(has_begun, [&] { return time_of(own_clock_); }))
    return loop_;
  ++asleep_;
  loop_.wait(seen);
  --asleep_;
  return loop_;
}

void ThreadTeam::wake(std::size_t helpers) {
  const std::size_t awake = helpers_.size() - std::min<std::size_t>(asleep_, helpers_.size());
  for (std::size_t i = awake; i < helpers; ++i) loop_.notify_one();
}

void ThreadTeam::run(std::size_t count, std::size_t parts, std::size_t threads, const Body& body) {
  if (is_alone()) return run_alone(count, parts, body);
  if (helpers_.size() + 1 < threads) add_helpers(threads - 1);
  body_ = &body;
  count_ = count;
  done_.store(0, std::memory_order_relaxed);
  const std::uint32_t number = loop_.load(std::memory_order_relaxed) + 1;
  claims_.store(std::uint64_t{number} << 2 * kPartBits | std::uint64_t{parts} << kPartBits,
                std::memory_order_release);
  loop_ = number;
  wake(threads - 1);
  std::size_t mine = 0;
  {
    const OnePart here;
    mine = run_parts();
  }
  if (mine < parts) wait_until_done(static_cast<std::uint32_t>(parts));
  if (failed_.exchange(false, std::memory_order_relaxed))
    std::rethrow_exception(std::exchange(failure_, nullptr));
}

bool ThreadTeam::is_alone() const {
  return alone_until_ != Clock::time_point() && Clock::now() < alone_until_;
}

void ThreadTeam::run_alone(std::size_t count, std::size_t parts, const Body& body) {
  const OnePart here;
  for (std::size_t part = 0; part < parts; ++part) body(count * part / parts, count * (part + 1) / parts);
}

std::size_t ThreadTeam::run_parts() {
  std::size_t mine = 0;
  std::uint64_t claims = claims_.load(std::memory_order_acquire);
  for (;;) {
    const std::size_t parts = claims >> kPartBits & kPartMask;
    const std::size_t part = claims & kPartMask;
    if (part == parts) return mine;
    if (!claims_.compare_exchange_weak(claims, claims + 1, std::memory_order_acq_rel)) continue;
    try {
      (*body_)(count_ * part / parts, count_ * (part + 1) / parts);
    } catch (...) {
      if (!failed_.exchange(true)) failure_ = std::current_exception();
    }
    ++mine;
    if (done_.fetch_add(1) + 1 == parts) done_.notify_one();
    claims = claims_.load(std::memory_order_acquire);
  }
}

void ThreadTeam::wait_until_done(std::uint32_t parts) {
  const auto is_over = [&] { return done_.load(std::memory_order_acquire) == parts; };
  if (spin(kSpinsForEnd, is_over)) return;
  const Clock::time_point begin = Clock::now();
  const Clock::duration ran_before = helpers_time();
  if (!spin_while_others_run(is_over, [&] { return helpers_time(); })) {
    for (std::uint32_t done = done_; done != parts; done = done_) done_.wait(done);
  }
  const Clock::time_point end = Clock::now();
  if (2 * (helpers_time() - ran_before) < end - begin) note_stall(begin, end);
}

ThreadTeam::Clock::duration ThreadTeam::helpers_time() {
  Clock::duration sum = Clock::duration::zero();
  for (std::thread& helper : helpers_) {
    clockid_t clock = 0;
    if (pthread_getcpuclockid(helper.native_handle(), &clock) == 0) sum += time_of(clock);
  }
  return sum;
}

void ThreadTeam::note_stall(Clock::time_point begin, Clock::time_point end) {
  const bool again = begin - alone_until_ < alone_for_;
  stall_factor_ = again ? std::min(2 * stall_factor_, kMostStallFactor) : kFirstStallFactor;
  alone_for_ = stall_factor_ * (end - begin);
  alone_until_ = end + alone_for_;
}

}  // namespace graft::base
