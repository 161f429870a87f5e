// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace graft::cluster {

using Bytes = std::vector<std::byte>;

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
  /// What each rank gives, by rank, of any sizes; on every rank.
  [[nodiscard]] virtual std::vector<Bytes> gather(std::span<const std::byte> own) = 0;
  /// Rank 0's bytes on every rank, which has as many.
  virtual void broadcast(std::span<std::byte> bytes) = 0;
  /// Returns when all ranks have called it.
  virtual void barrier() = 0;
  /// Ends the calls of all ranks, which may be waiting: for a rank that cannot go on. message: why.
  virtual void abort(const std::string& message) = 0;
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
