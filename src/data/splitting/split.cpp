// SPDX-License-Identifier: Apache-2.0
#include "data/splitting/split.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include "graft/base/fail.hpp"
#include "graft/base/random.hpp"
#include "graft/photos.hpp"

namespace graft::data {
namespace {

/// Matsumoto and Nishimura's MT19937, seeded with one number as numpy's RandomState does. (std::mt19937 is
/// the same generator; what is numpy's own is how bounded numbers are drawn.)
class NumpyRandomState {
 public:
  explicit NumpyRandomState(std::uint32_t seed) : engine_(seed) {}
  /// Uniform in [0, most]: bits above the range's are cut off, numbers beyond it thrown away.
  std::uint32_t interval(std::uint32_t most) {
    const std::uint32_t mask = most == 0 ? 0 : ~std::uint32_t{0} >> std::countl_zero(most);
    std::uint32_t value = 0;
    do {
      value = static_cast<std::uint32_t>(engine_()) & mask;
    } while (value > most);
    return value;
  }

 private:
  std::mt19937 engine_;
};

/// How many of `count` samples each part gets: rounded down, what is left over to the largest remainders.
std::vector<std::size_t> share_out(std::size_t count, std::span<const double> fractions) {
  std::vector<std::size_t> shares(fractions.size());
  std::vector<double> remainders(fractions.size());
  for (std::size_t p = 0; p < fractions.size(); ++p) {
    const double exact = fractions[p] * static_cast<double>(count);
    shares[p] = static_cast<std::size_t>(std::floor(exact + 1e-9));
    remainders[p] = exact - static_cast<double>(shares[p]);
  }
  while (std::accumulate(shares.begin(), shares.end(), std::size_t{0}) < count) {
    const auto largest = std::max_element(remainders.begin(), remainders.end()) - remainders.begin();
    ++shares[static_cast<std::size_t>(largest)];
    remainders[static_cast<std::size_t>(largest)] = -1.0;
  }
  return shares;
}

/// Moves single samples from the largest part to parts that would have none.
void leave_none_empty(std::vector<std::size_t>& shares, std::span<const double> fractions) {
  const auto wanted = static_cast<std::size_t>(
      std::count_if(fractions.begin(), fractions.end(), [](double fraction) { return fraction > 0.0; }));
  if (std::accumulate(shares.begin(), shares.end(), std::size_t{0}) < wanted) return;
  for (std::size_t p = 0; p < shares.size(); ++p) {
    if (shares[p] > 0 || fractions[p] <= 0.0) continue;
    --*std::max_element(shares.begin(), shares.end());
    ++shares[p];
  }
}

}  // namespace

void check_fractions(std::span<const double> fractions) {
  double sum = 0.0;
  for (const double fraction : fractions) {
    if (!(fraction >= 0.0)) fail(ErrorKind::invalid_argument, "a split's fraction is ", fraction);
    sum += fraction;
  }
  if (!(std::abs(sum - 1.0) <= 1e-6))
    fail(ErrorKind::invalid_argument, "a split's fractions have to add up to 1; their sum is ", sum);
}

std::vector<std::size_t> numpy_permutation(std::size_t count, std::uint32_t seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  NumpyRandomState random(seed);
  for (std::size_t i = count; i-- > 1;)
    std::swap(order[i], order[random.interval(static_cast<std::uint32_t>(i))]);
  return order;
}

std::vector<std::vector<std::size_t>> stratified_split(std::span<const int> labels,
                                                       std::span<const double> fractions,
                                                       std::uint64_t seed) {
  check_fractions(fractions);
  std::map<int, std::vector<std::size_t>> classes;
  for (std::size_t i = 0; i < labels.size(); ++i) classes[labels[i]].push_back(i);
  std::vector<std::vector<std::size_t>> parts(fractions.size());
  for (const auto& [label, members] : classes) {
    const std::uint64_t stream = mix64(fnv1a("data/split") + static_cast<std::uint64_t>(label));
    const std::vector<std::size_t> order = Rng(seed, stream).permutation(members.size());
    std::vector<std::size_t> shares = share_out(members.size(), fractions);
    leave_none_empty(shares, fractions);
    std::size_t at = 0;
    for (std::size_t p = 0; p < parts.size(); ++p) {
      for (std::size_t n = 0; n < shares[p]; ++n) parts[p].push_back(members[order[at++]]);
    }
  }
  for (auto& part : parts) std::sort(part.begin(), part.end());
  return parts;
}

}  // namespace graft::data
