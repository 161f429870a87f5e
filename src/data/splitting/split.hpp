// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graft/base/random.hpp"

namespace graft::data {

/// Error{invalid_argument} unless each is at least 0 and their sum is 1 (to 1e-6).
void check_fractions(std::span<const double> fractions);

/// Samples 0 to count - 1 gathered by their group, each by itself where there are no groups; the groups in an
/// order drawn from seed and purpose. Group has `members`; add(group, sample) counts the sample's labels.
template <typename Group, typename Add>
[[nodiscard]] std::vector<Group> shuffled_groups(std::size_t count, std::span<const std::size_t> group_of,
                                                 std::uint64_t seed, std::string_view purpose,
                                                 const Add& add) {
  std::unordered_map<std::size_t, std::size_t> position;
  std::vector<Group> groups;
  for (std::size_t i = 0; i < count; ++i) {
    const auto [found, fresh] = position.emplace(group_of.empty() ? i : group_of[i], groups.size());
    if (fresh) groups.emplace_back();
    groups[found->second].members.push_back(i);
    add(groups[found->second], i);
  }
  std::vector<Group> shuffled;
  for (const std::size_t i : Rng(seed, fnv1a(purpose)).permutation(groups.size()))
    shuffled.push_back(std::move(groups[i]));
  return shuffled;
}

}  // namespace graft::data
