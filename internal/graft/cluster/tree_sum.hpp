// SPDX-License-Identifier: Apache-2.0
// Sums of arrays in a fixed order, whichever rank owns them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "graft/cluster/communicator.hpp"

namespace graft::cluster {

/// Consecutive numbers [begin, end).
struct Range {
  std::size_t begin = 0, end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
  bool operator==(const Range&) const = default;
};

/// The part of `count` that a rank owns: consecutive, and as even as possible.
[[nodiscard]] Range share_of(std::size_t count, int rank, int size);

/// The largest nodes of the tree that lie within a range of its leaves, in their order. Each has a power of
/// two of leaves and begins at a multiple of it.
[[nodiscard]] std::vector<Range> nodes_within(Range leaves);

/// Adds up arrays of one length, the leaves of a binary tree. A node of n leaves is the sum of two nodes,
/// divided after the largest power of two below n; so the sum does not depend on who adds which nodes.
class TreeSum {
 public:
  explicit TreeSum(std::size_t length) : length_(length) {}

  /// An array to fill for the next add(); its elements are not set.
  [[nodiscard]] std::vector<float> array();
  /// The next leaf or node, after all before it.
  void add(Range node, std::vector<float> values);
  /// The nodes so far that could not be added to each other yet.
  struct Node {
    Range leaves;
    std::vector<float> values;
  };
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  /// The sum of all; the next sum begins empty. Zeros where there were none.
  [[nodiscard]] std::vector<float> finish();
  /// Begins the next sum; arrays are kept for use.
  void clear();

 private:
  void join_last_two();

  std::size_t length_;
  std::vector<Node> nodes_;
  std::vector<std::vector<float>> unused_;
};

/// The sum over the leaves of all ranks, on every rank. own: what this rank has added of its
/// share_of(leaves); sum: of its length, receives the result. Bits do not depend on the number of ranks.
void sum_over_ranks(Communicator& ranks, std::size_t leaves, const TreeSum& own, std::span<float> sum);

}  // namespace graft::cluster
