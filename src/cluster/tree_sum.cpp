// SPDX-License-Identifier: Apache-2.0
#include "graft/cluster/tree_sum.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "graft/base/fail.hpp"

namespace graft::cluster {
namespace {

/// Elements that are exchanged at once: 4 MB, so that what is received takes little memory.
constexpr std::size_t kBucket = std::size_t{1} << 20;

std::span<const std::byte> bytes_of(std::span<const float> values) { return std::as_bytes(values); }

/// Whether b follows a and both are the halves of one node with a power of two of leaves.
bool are_halves(Range a, Range b) {
  return a.end == b.begin && a.size() == b.size() && std::has_single_bit(a.size()) &&
         a.begin % (2 * a.size()) == 0;
}

/// One exchange of a bucket: who sends what to whom.
class Bucket {
 public:
  Bucket(Communicator& ranks, std::size_t leaves, std::size_t begin, std::size_t end)
      : ranks_(ranks), begin_(begin), length_(end - begin) {
    for (int rank = 0; rank < ranks.size(); ++rank)
      nodes_.push_back(nodes_within(share_of(leaves, rank, ranks.size())));
  }

  /// Its part of the sum, from what all ranks have.
  void sum(const std::vector<TreeSum::Node>& own, std::span<float> result) {
    const Range mine = slice(ranks_.rank());
    receive(own, mine.size());
    TreeSum tree(mine.size());
    for (std::size_t rank = 0; rank < nodes_.size(); ++rank) {
      std::vector<float>& values = received_[rank];
      if (nodes_[rank].size() == 1) {
        tree.add(nodes_[rank].front(), std::move(values));
        continue;
      }
      auto at = values.cbegin();
      for (const Range& node : nodes_[rank]) {
        const auto end = at + static_cast<std::ptrdiff_t>(mine.size());
        tree.add(node, {at, end});
        at = end;
      }
    }
    spread(tree.finish(), result);
  }

 private:
  [[nodiscard]] Range slice(int rank) const { return share_of(length_, rank, ranks_.size()); }

  /// The nodes of all ranks, this rank's slice of them.
  void receive(const std::vector<TreeSum::Node>& own, std::size_t length) {
    std::vector<std::vector<float>> sent(nodes_.size());
    std::vector<std::span<const std::byte>> to;
    std::vector<std::span<std::byte>> from;
    received_.resize(nodes_.size());
    for (std::size_t rank = 0; rank < nodes_.size(); ++rank) {
      const Range theirs = slice(static_cast<int>(rank));
      const auto part = [&](const TreeSum::Node& node) {
        return std::span(node.values).subspan(begin_ + theirs.begin, theirs.size());
      };
      if (own.size() == 1) {
        to.push_back(bytes_of(part(own.front())));
      } else {
        for (const TreeSum::Node& node : own)
          sent[rank].insert(sent[rank].end(), part(node).begin(), part(node).end());
        to.push_back(bytes_of(sent[rank]));
      }
      received_[rank].resize(nodes_[rank].size() * length);
      from.push_back(std::as_writable_bytes(std::span(received_[rank])));
    }
    ranks_.exchange(to, from);
  }

  /// This rank's slice of the sum goes to all, and theirs comes.
  void spread(const std::vector<float>& mine, std::span<float> result) {
    std::vector<std::span<const std::byte>> to(nodes_.size(), bytes_of(mine));
    std::vector<std::span<std::byte>> from;
    for (std::size_t rank = 0; rank < nodes_.size(); ++rank) {
      const Range theirs = slice(static_cast<int>(rank));
      from.push_back(std::as_writable_bytes(result.subspan(begin_ + theirs.begin, theirs.size())));
    }
    ranks_.exchange(to, from);
  }

  Communicator& ranks_;
  std::size_t begin_, length_;
  std::vector<std::vector<Range>> nodes_;  ///< by rank
  std::vector<std::vector<float>> received_;
};

}  // namespace

Range share_of(std::size_t count, int rank, int size) {
  const auto r = static_cast<std::size_t>(rank), n = static_cast<std::size_t>(size);
  return {.begin = count * r / n, .end = count * (r + 1) / n};
}

std::vector<Range> nodes_within(Range leaves) {
  std::vector<Range> nodes;
  for (std::size_t i = leaves.begin; i < leaves.end; ++i) {
    nodes.push_back({i, i + 1});
    while (nodes.size() > 1 && are_halves(nodes[nodes.size() - 2], nodes.back())) {
      nodes[nodes.size() - 2].end = nodes.back().end;
      nodes.pop_back();
    }
  }
  return nodes;
}

std::vector<float> TreeSum::array() {
  if (unused_.empty()) return std::vector<float>(length_);
  std::vector<float> array = std::move(unused_.back());
  unused_.pop_back();
  return array;
}

void TreeSum::join_last_two() {
  Node last = std::move(nodes_.back());
  nodes_.pop_back();
  Node& node = nodes_.back();
  node.leaves.end = last.leaves.end;
  for (std::size_t i = 0; i < length_; ++i) node.values[i] += last.values[i];
  unused_.push_back(std::move(last.values));
}

void TreeSum::add(Range node, std::vector<float> values) {
  if (values.size() != length_ || (!nodes_.empty() && nodes_.back().leaves.end != node.begin))
    fail(ErrorKind::internal, "TreeSum: node ", node.begin, " does not follow, or its length is wrong");
  nodes_.push_back({node, std::move(values)});
  while (nodes_.size() > 1 && are_halves(nodes_[nodes_.size() - 2].leaves, nodes_.back().leaves))
    join_last_two();
}

std::vector<float> TreeSum::finish() {
  if (nodes_.empty()) return std::vector<float>(length_);
  while (nodes_.size() > 1) join_last_two();
  std::vector<float> sum = std::move(nodes_.back().values);
  nodes_.clear();
  return sum;
}

void TreeSum::clear() {
  for (Node& node : nodes_) unused_.push_back(std::move(node.values));
  nodes_.clear();
}

void sum_over_ranks(Communicator& ranks, std::size_t leaves, const TreeSum& own, std::span<float> sum) {
  for (std::size_t begin = 0; begin < sum.size(); begin += kBucket)
    Bucket(ranks, leaves, begin, std::min(begin + kBucket, sum.size())).sum(own.nodes(), sum);
}

}  // namespace graft::cluster
