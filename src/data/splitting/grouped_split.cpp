// SPDX-License-Identifier: Apache-2.0
#include "graft/data/grouped_split.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "graft/base/fail.hpp"

#include "data/splitting/split.hpp"

namespace graft::data {
namespace {

using Parts = std::vector<std::vector<std::size_t>>;

/// Samples that stay together, and how many of each class they are.
struct Group {
  std::vector<std::size_t> members;
  std::map<std::size_t, double> classes;
};

/// In the order in which they are dealt out: large ones first, equal ones at random.
std::vector<Group> make_groups(const GroupedSplit& samples) {
  std::vector<Group> groups = shuffled_groups<Group>(
      samples.labels.size(), samples.groups, samples.seed, "data/grouped_split",
      [&](Group& group, std::size_t i) {
        if (samples.labels[i] < 0)
          fail(ErrorKind::invalid_argument, "split: the label of sample ", i, " is negative");
        ++group.classes[static_cast<std::size_t>(samples.labels[i])];
      });
  std::ranges::stable_sort(groups, std::ranges::greater{}, [](const Group& g) { return g.members.size(); });
  return groups;
}

/// How far each part is from what it is to have, class by class.
class Balance {
 public:
  Balance(std::span<const int> labels, std::span<const double> fractions) : fractions_(fractions) {
    const auto classes = static_cast<std::size_t>(labels.empty() ? 0 : *std::ranges::max_element(labels) + 1);
    std::vector<double> counts(classes, 0.0);
    for (const int label : labels) ++counts[static_cast<std::size_t>(label)];
    for (const double fraction : fractions) {
      lacking_.push_back(counts);
      for (double& count : lacking_.back()) count *= fraction;
      lacking_in_all_.push_back(fraction * static_cast<double>(labels.size()));
    }
  }

  /// The part in which the group leaves the least squared difference; of equal ones the emptiest.
  [[nodiscard]] std::size_t best(const Group& group) const {
    std::size_t best = fractions_.size();
    std::pair<double, double> least;
    for (std::size_t p = 0; p < fractions_.size(); ++p) {
      if (fractions_[p] <= 0) continue;
      double change = 0;
      for (const auto& [label, count] : group.classes) change += count * (count - 2 * lacking_[p][label]);
      const double all = -lacking_in_all_[p];
      if (best < fractions_.size() && std::pair(change, all) >= least) continue;
      best = p;
      least = {change, all};
    }
    return best;
  }

  void give(std::size_t part, const Group& group) {
    for (const auto& [label, count] : group.classes) lacking_[part][label] -= count;
    lacking_in_all_[part] -= static_cast<double>(group.members.size());
  }

 private:
  std::span<const double> fractions_;
  std::vector<std::vector<double>> lacking_;  ///< [part][class]
  std::vector<double> lacking_in_all_;        ///< [part]
};

/// A part with a fraction that got nothing, because every group is larger than its share, gets the smallest
/// group of the part that has most groups.
void leave_none_empty(std::vector<std::vector<const Group*>>& dealt, std::span<const double> fractions) {
  for (std::size_t p = 0; p < dealt.size(); ++p) {
    if (!dealt[p].empty() || fractions[p] <= 0) continue;
    const auto from = std::ranges::max_element(dealt, {}, &std::vector<const Group*>::size);
    if (from->size() < 2) return;
    dealt[p].push_back(from->back());  // the smallest: they were dealt in order of size
    from->pop_back();
  }
}

}  // namespace

Parts grouped_split(const GroupedSplit& samples, std::span<const double> fractions) {
  check_fractions(fractions);
  if (!samples.groups.empty() && samples.groups.size() != samples.labels.size()) {
    fail(ErrorKind::shape_mismatch, "split: expected a group for each of ", samples.labels.size(),
         " samples, received ", samples.groups.size());
  }
  const std::vector<Group> groups = make_groups(samples);
  Balance balance(samples.labels, fractions);
  std::vector<std::vector<const Group*>> dealt(fractions.size());
  for (const Group& group : groups) {
    const std::size_t part = balance.best(group);
    balance.give(part, group);
    dealt[part].push_back(&group);
  }
  leave_none_empty(dealt, fractions);
  Parts parts(fractions.size());
  for (std::size_t p = 0; p < parts.size(); ++p) {
    for (const Group* group : dealt[p])
      parts[p].insert(parts[p].end(), group->members.begin(), group->members.end());
  }
  for (auto& part : parts) std::ranges::sort(part);
  return parts;
}

Parts stratified_folds(const GroupedSplit& samples, std::size_t folds) {
  if (folds < 2) fail(ErrorKind::invalid_argument, "folds: expected at least 2, received ", folds);
  const std::vector<double> fractions(folds, 1.0 / static_cast<double>(folds));
  Parts parts = grouped_split(samples, fractions);
  if (std::ranges::any_of(parts, &std::vector<std::size_t>::empty)) {
    fail(ErrorKind::invalid_argument, "folds: ", samples.labels.size(), " samples",
         samples.groups.empty() ? "" : " in their groups", " are too few for ", folds, " folds; use fewer");
  }
  return parts;
}

std::vector<std::size_t> all_but(std::span<const std::size_t> part, std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<std::size_t> rest;
  std::ranges::set_difference(all, part, std::back_inserter(rest));
  return rest;
}

}  // namespace graft::data
