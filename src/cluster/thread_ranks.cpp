// SPDX-License-Identifier: Apache-2.0
// Ranks that are threads of one process: what they exchange is copied from one's memory to the other's.
#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "graft/base/fail.hpp"
#include "graft/cluster/communicator.hpp"

namespace graft::cluster {
namespace {

/// What the ranks share.
class Meeting {
 public:
  explicit Meeting(std::size_t ranks) : given_(ranks), ranks_(ranks) {}

  /// Shows `own` to all ranks, calls read with what all show, and returns when all have read.
  template <typename Read>
  void show(std::size_t rank, std::span<const std::span<const std::byte>> own, const Read& read) {
    given_[rank] = own;
    wait();
    std::exception_ptr failure;
    try {
      read(given_);
    } catch (...) {
      failure = std::current_exception();
    }
    // Also after a failure: others may still read what this rank shows.
    arrive(false);
    if (failure) std::rethrow_exception(failure);
  }
  /// Returns when all ranks have called it. Throws where one has failed.
  void wait() { arrive(true); }
  void end(const std::string& message) {
    const std::lock_guard lock(mutex_);
    if (!failed_) message_ = message;
    failed_ = true;
    changed_.notify_all();
  }

 private:
  /// may_fail: whether it ends where a rank has failed. If not, all ranks are sure to arrive.
  void arrive(bool may_fail) {
    std::unique_lock lock(mutex_);
    if (may_fail) check();
    const std::size_t round = round_;
    if (++arrived_ == ranks_) {
      arrived_ = 0;
      ++round_;
      changed_.notify_all();
      return;
    }
    changed_.wait(lock, [&] { return round_ != round || (may_fail && failed_); });
    if (round_ == round) check();
  }
  void check() const {
    if (failed_) fail(ErrorKind::io, message_);
  }

  std::vector<std::span<const std::span<const std::byte>>> given_;  ///< by rank
  std::size_t ranks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t arrived_ = 0, round_ = 0;
  bool failed_ = false;
  std::string message_;
};

class ThreadRank final : public Communicator {
 public:
  ThreadRank(Meeting& meeting, int rank, int size) : meeting_(meeting), rank_(rank), size_(size) {}

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }
  [[nodiscard]] std::string node() const override { return cat("thread ", rank_); }
  void exchange(std::span<const std::span<const std::byte>> to,
                std::span<const std::span<std::byte>> from) override {
    meeting_.show(number(), to, [&](const auto& all) {
      for (std::size_t rank = 0; rank < all.size(); ++rank) {
        const std::span<const std::byte> sent = all[rank][number()];
        if (sent.size() != from[rank].size()) {
          fail(ErrorKind::internal, "exchange: rank ", rank, " sends ", sent.size(), " bytes to rank ", rank_,
               ", which expects ", from[rank].size());
        }
        std::ranges::copy(sent, from[rank].begin());
      }
    });
  }
  [[nodiscard]] std::vector<Bytes> gather(std::span<const std::byte> own) override {
    std::vector<Bytes> gathered;
    meeting_.show(number(), {&own, 1}, [&](const auto& all) {
      for (const auto& one : all) gathered.emplace_back(one[0].begin(), one[0].end());
    });
    return gathered;
  }
  void broadcast(std::span<std::byte> bytes) override {
    const std::span<const std::byte> own = bytes;
    meeting_.show(number(), {&own, 1}, [&](const auto& all) {
      if (rank_ != 0) std::ranges::copy(all[0][0], bytes.begin());
    });
  }
  void barrier() override { meeting_.wait(); }
  void abort(const std::string& message) override { meeting_.end(message); }

 private:
  [[nodiscard]] std::size_t number() const { return static_cast<std::size_t>(rank_); }

  Meeting& meeting_;
  int rank_, size_;
};

}  // namespace

void run_ranks(int size, const std::function<void(Communicator&)>& body) {
  if (size < 1) fail(ErrorKind::invalid_argument, "ranks: expected at least 1, received ", size);
  Meeting meeting(static_cast<std::size_t>(size));
  std::mutex mutex;
  std::exception_ptr first;
  const auto run = [&](int rank) {
    ThreadRank ranks(meeting, rank, size);
    try {
      body(ranks);
    } catch (const std::exception& error) {
      const std::lock_guard lock(mutex);
      if (!first) first = std::current_exception();
      ranks.abort(cat(described(ranks), ": ", error.what()));
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(size));
  for (int rank = 0; rank < size; ++rank) threads.emplace_back(run, rank);
  for (std::thread& thread : threads) thread.join();
  if (first) std::rethrow_exception(first);
}

}  // namespace graft::cluster
