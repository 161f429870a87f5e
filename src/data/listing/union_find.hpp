// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace graft::data {

/// Sets of 0..count-1 that only grow together; each is named by its least member.
class UnionFind {
 public:
  explicit UnionFind(std::size_t count) : root_(count) {
    std::iota(root_.begin(), root_.end(), std::size_t{0});
  }
  std::size_t find(std::size_t i) {
    while (root_[i] != i) i = root_[i] = root_[root_[i]];
    return i;
  }
  /// False when they were together already.
  bool join(std::size_t a, std::size_t b) {
    const std::size_t one = find(a);
    const std::size_t other = find(b);
    root_[std::max(one, other)] = std::min(one, other);
    return one != other;
  }

 private:
  std::vector<std::size_t> root_;
};

}  // namespace graft::data
