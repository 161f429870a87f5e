// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <unordered_map>

#include "graft/base/fail.hpp"
#include "graft/image.hpp"

#include "data/listing/union_find.hpp"

namespace graft::data {
namespace {

// Patterns that share one of their bands are compared: with one band more than bits may differ, one band at
// least is equal. Where very many share one (a collection of blank pages), each is compared with this many.
constexpr std::size_t kMostCompared = 100;

double difference(const Fingerprint& a, const Fingerprint& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.thumbnail.size(); ++i) {
    const double d = static_cast<double>(a.thumbnail[i]) - static_cast<double>(b.thumbnail[i]);
    sum += d * d;
  }
  return std::sqrt(sum / static_cast<double>(a.thumbnail.size()));
}

class Search {
 public:
  Search(std::span<const Fingerprint> prints, const SimilarOptions& options)
      : prints_(prints), options_(options), together_(prints.size()) {}

  std::vector<SimilarPair> run() {
    find_equal();
    const auto bands = static_cast<unsigned>(options_.bits) + 1;
    for (unsigned band = 0; band < bands; ++band) search_band(64 * band / bands, 64 * (band + 1) / bands);
    std::ranges::sort(pairs_, {}, [](const SimilarPair& p) { return std::pair(p.first, p.second); });
    return std::move(pairs_);
  }

 private:
  /// Exact ones; only the first of each is compared further.
  void find_equal() {
    std::unordered_map<std::uint64_t, std::size_t> first;
    for (std::size_t i = 0; i < prints_.size(); ++i) {
      const auto [found, fresh] = first.emplace(prints_[i].pixels, i);
      if (fresh) {
        if (!prints_[i].flat) distinct_.push_back(i);
      } else {
        together_.join(found->second, i);
        pairs_.push_back({.first = found->second, .second = i, .exact = true});
      }
    }
  }

  /// Compares those whose patterns agree in bits from..to-1.
  void search_band(unsigned from, unsigned to) {
    const std::uint64_t mask =
        to - from == 64 ? ~std::uint64_t{0} : ((std::uint64_t{1} << (to - from)) - 1) << from;
    // Within a band by the whole pattern, so that equal ones are adjacent.
    std::ranges::sort(distinct_, {}, [&](std::size_t i) {
      return std::tuple(prints_[i].pattern & mask, prints_[i].pattern, i);
    });
    for (std::size_t a = 0; a < distinct_.size(); ++a) {
      const std::size_t last = std::min(distinct_.size(), a + 1 + kMostCompared);
      for (std::size_t b = a + 1; b < last; ++b) {
        if (((prints_[distinct_[a]].pattern ^ prints_[distinct_[b]].pattern) & mask) != 0) break;
        compare(distinct_[a], distinct_[b]);
      }
    }
  }

  void compare(std::size_t a, std::size_t b) {
    if (together_.find(a) == together_.find(b)) return;
    if (std::popcount(prints_[a].pattern ^ prints_[b].pattern) > options_.bits) return;
    if (difference(prints_[a], prints_[b]) > options_.levels) return;
    if (together_.join(a, b))
      pairs_.push_back({.first = std::min(a, b), .second = std::max(a, b), .exact = false});
  }

  std::span<const Fingerprint> prints_;
  SimilarOptions options_;
  UnionFind together_;
  std::vector<std::size_t> distinct_;
  std::vector<SimilarPair> pairs_;
};

}  // namespace

std::vector<SimilarPair> find_similar(std::span<const Fingerprint> prints, const SimilarOptions& options) {
  if (options.bits < 0 || options.bits > 32)
    fail(ErrorKind::invalid_argument, "similar pictures: bits: expected 0 to 32, received ", options.bits);
  return Search(prints, options).run();
}

std::vector<std::size_t> join_groups(std::size_t count, std::span<const std::size_t> groups,
                                     std::span<const SimilarPair> pairs) {
  if (!groups.empty() && groups.size() != count)
    fail(ErrorKind::shape_mismatch, "groups: expected ", count, ", received ", groups.size());
  UnionFind together(count);
  std::unordered_map<std::size_t, std::size_t> first;
  for (std::size_t i = 0; i < groups.size(); ++i) together.join(i, first.emplace(groups[i], i).first->second);
  for (const SimilarPair& pair : pairs) together.join(pair.first, pair.second);
  std::vector<std::size_t> result(count);
  for (std::size_t i = 0; i < count; ++i) result[i] = together.find(i);
  return result;
}

}  // namespace graft::data
