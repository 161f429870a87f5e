// SPDX-License-Identifier: Apache-2.0
// Sums over ranks that are exchanged while they are computed.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "graft/cluster/communicator.hpp"
#include "graft/cluster/tree_sum.hpp"

namespace graft::cluster {

/// The sum over the leaves of all ranks, on every rank, in buckets of consecutive elements: each travels as
/// soon as this rank's nodes are final in it, while it computes the rest. Two exchanges each: all nodes of a
/// slice of the bucket go to one rank, which finishes the tree for it, and the finished slices go to all.
/// Nothing runs beside the caller: ready(), poll() and finish() carry the exchange on. All ranks make one of
/// these for each sum; bits do not depend on their number, nor on the buckets.
class RunningSum {
 public:
  /// own: what this rank adds up of its share_of(leaves). sum: of its length, receives the result. All must
  /// outlive this object, which ends with finish() or where a rank has failed. bucket_bytes: 0 chooses.
  RunningSum(Communicator& ranks, std::size_t leaves, const TreeSum& own, std::span<float> sum,
             std::size_t bucket_bytes = 0);
  ~RunningSum();
  RunningSum(const RunningSum&) = delete;
  RunningSum& operator=(const RunningSum&) = delete;

  /// The elements before `end` of own's nodes are final.
  void ready(std::size_t end);
  /// Does what can be done without waiting.
  void poll();
  /// After ready() of all elements: waits until the sum is there.
  void finish();

 private:
  struct Bucket;
  [[nodiscard]] Range next_bucket() const;
  void begin_more();
  void gather(Range elements);
  void spread_first();
  void end_first();

  Communicator& ranks_;
  const TreeSum& own_;
  std::span<float> sum_;
  std::size_t bucket_bytes_;
  std::vector<std::vector<Range>> nodes_;  ///< by rank
  std::size_t ready_ = 0, begun_ = 0;      ///< elements
  // In their order: those whose nodes are under way, and those whose sums are.
  std::deque<std::unique_ptr<Bucket>> gathering_, spreading_;
};

}  // namespace graft::cluster
