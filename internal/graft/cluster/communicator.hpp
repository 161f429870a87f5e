// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace graft::cluster {

using Bytes = std::vector<std::byte>;

/// An exchange that has begun. It is to be waited for, but where a rank has failed and all end.
class Pending {
 public:
  virtual ~Pending() = default;
  /// Whether all has arrived and the memory may be used. Does not wait, but carries the exchange on: what
  /// arrives between two calls may wait for the next.
  [[nodiscard]] virtual bool is_done() = 0;
  virtual void wait() = 0;
};

/// Exchanges that are pending at once: those of one lane meet those of the other ranks in the order in which
/// they begin, whatever the other lane does.
enum class Lane { first, second };

/// Where the time of a rank's training steps went, summed up, in seconds.
struct StepTimes {
  std::int64_t steps = 0;
  double all = 0;
  double input = 0;     ///< of it waiting for photos: decoding and augmentation
  double exchange = 0;  ///< of it in calls that carry the exchange on during the backward pass
  double overlap = 0;   ///< of it from the first gradients that could travel to the end of that pass
  double waiting = 0;   ///< of it for results, gradients and decisions of the other ranks, after that pass
  std::uint64_t bytes = 0;  ///< that one step adds up, as they travel
};

/// What the processes of one run, its ranks, use to talk. All calls but the descriptions are collective:
/// every rank makes the same ones in the same order. Threads: one user at a time. Errors: Error{io} naming a
/// rank that has failed.
class Communicator {
 public:
  virtual ~Communicator() = default;
  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  /// Name of the machine.
  [[nodiscard]] virtual std::string node() const = 0;

  /// to[r] goes to rank r; from[r] receives what rank r has for this one, in the size that it sends. The
  /// spans do not overlap.
  virtual void exchange(std::span<const std::span<const std::byte>> to,
                        std::span<const std::span<std::byte>> from) = 0;
  /// exchange() that does not wait: the memory stays as it is until the exchange is done. Other calls may be
  /// made meanwhile.
  [[nodiscard]] virtual std::unique_ptr<Pending> begin_exchange(
      std::span<const std::span<const std::byte>> to, std::span<const std::span<std::byte>> from,
      Lane lane) = 0;
  /// What each rank gives, by rank, of any sizes; on every rank.
  [[nodiscard]] virtual std::vector<Bytes> gather(std::span<const std::byte> own) = 0;
  /// Rank 0's bytes on every rank, which has as many.
  virtual void broadcast(std::span<std::byte> bytes) = 0;
  /// Returns when all ranks have called it.
  virtual void barrier() = 0;
  /// Ends the calls of all ranks, which may be waiting: for a rank that cannot go on. message: why.
  virtual void abort(const std::string& message) = 0;

  /// Filled by training.
  [[nodiscard]] StepTimes& step_times() { return step_times_; }

 private:
  StepTimes step_times_;
};

/// "rank 2 of 4 on node7"
[[nodiscard]] std::string described(const Communicator& ranks);

/// The only rank there is.
[[nodiscard]] std::unique_ptr<Communicator> single_process();

/// Calls body on `size` threads of this process, each with a communicator of its own. Returns when all have
/// ended; throws what the first rank that failed has thrown. For tests.
void run_ranks(int size, const std::function<void(Communicator&)>& body);

/// Throws Error{invalid_argument} naming a rank and a fact where the ranks do not all have the same. facts: a
/// name and a text or hash each, in the same order on every rank.
struct Fact {
  std::string name;
  std::string value;
};
void agree(Communicator& ranks, std::span<const Fact> facts);

/// True on every rank where it is true on one.
[[nodiscard]] bool any(Communicator& ranks, bool own);

}  // namespace graft::cluster
