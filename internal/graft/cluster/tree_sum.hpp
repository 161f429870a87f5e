// SPDX-License-Identifier: Apache-2.0
// Sums of arrays in a fixed order, whichever rank owns them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

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
  /// exact: the elements from this one on are rounded to bfloat16 in every leaf and node, so that nodes can
  /// travel in 16 bits and the sum still does not depend on who adds them. Unset: none is.
  explicit TreeSum(std::size_t length, std::optional<std::size_t> exact = {})
      : length_(length), exact_(exact.value_or(length)) {}

  [[nodiscard]] std::size_t length() const { return length_; }
  [[nodiscard]] std::size_t exact() const { return exact_; }
  /// The next leaf or node, after all before it.
  void add(Range node, std::vector<float> values);
  /// The next leaf, whose elements the caller writes to the returned array, the first ones first, and names
  /// by filled(). Nothing else is added until all are.
  [[nodiscard]] std::span<float> open(Range leaf);
  /// The elements of the open leaf before `end` are written and may not change: they are added up.
  void filled(std::size_t end);

  struct Node {
    Range leaves;
    std::vector<float> values;
  };
  /// The nodes so far that cannot be added to each other yet. With an open leaf: as they will be when it is
  /// filled, the last of them in what is filled so far; its range is set at the end.
  [[nodiscard]] std::span<const Node> nodes() const {
    return std::span(nodes_).first(nodes_.size() - joins_);
  }
  /// The sum of all; the next sum begins empty. Zeros where there were none.
  [[nodiscard]] std::vector<float> finish();
  /// Begins the next sum; arrays are kept for use.
  void clear();

 private:
  [[nodiscard]] std::vector<float> array();
  void check_next(Range node) const;
  /// How many of the last nodes one of these leaves, which follows them, is joined with at once.
  [[nodiscard]] std::size_t joins_of(Range node) const;
  /// Adds the elements [begin, end) of the last `joins` nodes to those before them, the last ones first.
  void add_up(std::size_t joins, std::size_t begin, std::size_t end);
  void drop(std::size_t joins);
  void round(std::vector<float>& values, std::size_t begin, std::size_t end) const;

  std::size_t length_, exact_;
  std::vector<Node> nodes_;
  std::size_t joins_ = 0;   ///< of the open leaf
  std::size_t filled_ = 0;  ///< elements of it
  bool open_ = false;
  std::vector<std::vector<float>> unused_;
};

}  // namespace graft::cluster
