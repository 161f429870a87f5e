// SPDX-License-Identifier: Apache-2.0
#include "graft/cluster/tree_sum.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "graft/base/fail.hpp"

#include "cluster/bfloat16.hpp"

namespace graft::cluster {
namespace {

/// Whether b follows a and both are the halves of one node with a power of two of leaves.
bool are_halves(Range a, Range b) {
  return a.end == b.begin && a.size() == b.size() && std::has_single_bit(a.size()) &&
         a.begin % (2 * a.size()) == 0;
}

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

void TreeSum::check_next(Range node) const {
  if (open_ || (!nodes_.empty() && nodes_.back().leaves.end != node.begin))
    fail(ErrorKind::internal, "TreeSum: node ", node.begin, " does not follow");
}

std::size_t TreeSum::joins_of(Range node) const {
  std::size_t joins = 0;
  while (joins < nodes_.size()) {
    const Range& before = nodes_[nodes_.size() - 1 - joins].leaves;
    if (!are_halves(before, node)) break;
    node.begin = before.begin;
    ++joins;
  }
  return joins;
}

void TreeSum::round(std::vector<float>& values, std::size_t begin, std::size_t end) const {
  for (std::size_t i = std::max(begin, exact_); i < end; ++i) values[i] = rounded_to_bfloat16(values[i]);
}

void TreeSum::add_up(std::size_t joins, std::size_t begin, std::size_t end) {
  for (std::size_t join = 0; join < joins; ++join) {
    const std::vector<float>& from = nodes_[nodes_.size() - 1 - join].values;
    std::vector<float>& to = nodes_[nodes_.size() - 2 - join].values;
    for (std::size_t i = begin; i < end; ++i) to[i] += from[i];
    round(to, begin, end);
  }
}

void TreeSum::drop(std::size_t joins) {
  for (; joins > 0; --joins) {
    const Range leaves = nodes_.back().leaves;
    unused_.push_back(std::move(nodes_.back().values));
    nodes_.pop_back();
    nodes_.back().leaves.end = leaves.end;
  }
}

void TreeSum::add(Range node, std::vector<float> values) {
  check_next(node);
  if (values.size() != length_)
    fail(ErrorKind::internal, "TreeSum: expected ", length_, " numbers, received ", values.size());
  const std::size_t joins = joins_of(node);
  nodes_.push_back({node, std::move(values)});
  round(nodes_.back().values, 0, length_);
  add_up(joins, 0, length_);
  drop(joins);
}

std::span<float> TreeSum::open(Range leaf) {
  check_next(leaf);
  joins_ = joins_of(leaf);
  nodes_.push_back({leaf, array()});
  filled_ = 0;
  open_ = true;
  return nodes_.back().values;
}

void TreeSum::filled(std::size_t end) {
  if (!open_ || end < filled_ || end > length_)
    fail(ErrorKind::internal, "TreeSum: ", end, " elements of ", length_, " are filled, after ", filled_);
  round(nodes_.back().values, filled_, end);
  add_up(joins_, filled_, end);
  filled_ = end;
  if (end < length_) return;
  drop(joins_);
  joins_ = 0;
  open_ = false;
}

std::vector<float> TreeSum::finish() {
  if (open_) fail(ErrorKind::internal, "TreeSum: a leaf is not filled");
  if (nodes_.empty()) return std::vector<float>(length_);
  const std::size_t joins = nodes_.size() - 1;
  add_up(joins, 0, length_);
  drop(joins);
  std::vector<float> sum = std::move(nodes_.back().values);
  nodes_.clear();
  return sum;
}

void TreeSum::clear() {
  for (Node& node : nodes_) unused_.push_back(std::move(node.values));
  nodes_.clear();
  joins_ = 0;
  open_ = false;
}

}  // namespace graft::cluster
