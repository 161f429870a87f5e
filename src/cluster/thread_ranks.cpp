// SPDX-License-Identifier: Apache-2.0
// Ranks that are threads of one process: what they exchange is copied from one's memory to the other's.
#include <algorithm>
#include <array>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/cluster/communicator.hpp"

namespace graft::cluster {
namespace {

void check_size(std::size_t sender, std::size_t sent, std::size_t receiver, std::size_t expected) {
  if (sent == expected) return;
  fail(ErrorKind::internal, "exchange: rank ", sender, " sends ", sent, " bytes to rank ", receiver,
       ", which expects ", expected);
}

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

  /// Who sends what to whom in which exchange: the lane, the exchange's number in it, sender, receiver.
  struct Address {
    Lane lane = Lane::first;
    std::size_t number = 0, from = 0, to = 0;
    friend bool operator<(const Address& a, const Address& b) {
      return std::tie(a.lane, a.number, a.from, a.to) < std::tie(b.lane, b.number, b.from, b.to);
    }
  };
  void send(const Address& address, Bytes bytes) {
    const std::lock_guard lock(mutex_);
    sent_.emplace(address, std::move(bytes));
    changed_.notify_all();
  }
  /// What was sent there, or nothing where it has not been yet and the rank does not wait. Throws where a
  /// rank has failed.
  std::optional<Bytes> receive(const Address& address, bool waits) {
    std::unique_lock lock(mutex_);
    if (waits) changed_.wait(lock, [&] { return failed_ || sent_.contains(address); });
    check();
    const auto found = sent_.find(address);
    if (found == sent_.end()) return std::nullopt;
    Bytes bytes = std::move(found->second);
    sent_.erase(found);
    return bytes;
  }

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
  std::map<Address, Bytes> sent_;  ///< and not received yet
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t arrived_ = 0, round_ = 0;
  bool failed_ = false;
  std::string message_;
};

/// What this rank receives of an exchange.
class PendingLetters final : public Pending {
 public:
  PendingLetters(Meeting& meeting, Lane lane, std::size_t number, std::size_t rank,
                 std::span<const std::span<std::byte>> from)
      : meeting_(meeting), lane_(lane), number_(number), rank_(rank), from_(from.begin(), from.end()) {}

  [[nodiscard]] bool is_done() override { return receive(false); }
  void wait() override { (void)receive(true); }

 private:
  bool receive(bool waits) {
    for (; next_ < from_.size(); ++next_) {
      const std::optional<Bytes> bytes =
          meeting_.receive({.lane = lane_, .number = number_, .from = next_, .to = rank_}, waits);
      if (!bytes) return false;
      check_size(next_, bytes->size(), rank_, from_[next_].size());
      std::ranges::copy(*bytes, from_[next_].begin());
    }
    return true;
  }

  Meeting& meeting_;
  Lane lane_;
  std::size_t number_, rank_;
  std::vector<std::span<std::byte>> from_;
  std::size_t next_ = 0;  ///< the first rank of which nothing has come yet
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
        check_size(rank, sent.size(), number(), from[rank].size());
        std::ranges::copy(sent, from[rank].begin());
      }
    });
  }
  [[nodiscard]] std::unique_ptr<Pending> begin_exchange(std::span<const std::span<const std::byte>> to,
                                                        std::span<const std::span<std::byte>> from,
                                                        Lane lane) override {
    const std::size_t letter = begun_.at(static_cast<std::size_t>(lane))++;
    for (std::size_t rank = 0; rank < to.size(); ++rank) {
      meeting_.send({.lane = lane, .number = letter, .from = number(), .to = rank},
                    Bytes(to[rank].begin(), to[rank].end()));
    }
    return std::make_unique<PendingLetters>(meeting_, lane, letter, number(), from);
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
  std::array<std::size_t, 2> begun_{};  ///< exchanges, by lane
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
