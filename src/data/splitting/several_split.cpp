// SPDX-License-Identifier: Apache-2.0
#include "graft/data/several_split.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "graft/base/fail.hpp"

#include "data/splitting/split.hpp"

namespace graft::data {
namespace {

using SeveralParts = std::vector<std::vector<std::size_t>>;

/// Samples that stay together, with the number of each label among them.
struct SeveralGroup {
  std::vector<std::size_t> members;
  std::map<std::size_t, double> labels;
};

std::vector<SeveralGroup> make_several_groups(const SeveralSplit& samples) {
  return shuffled_groups<SeveralGroup>(samples.labels.size(), samples.groups, samples.seed,
                                       "data/iterative_split", [&](SeveralGroup& group, std::size_t i) {
                                         for (const int label : samples.labels[i]) {
                                           if (label < 0)
                                             fail(ErrorKind::invalid_argument, "split: a label of sample ", i,
                                                  " is negative");
                                           ++group.labels[static_cast<std::size_t>(label)];
                                         }
                                       });
}

class Dealer {
 public:
  Dealer(const SeveralSplit& samples, std::span<const double> fractions)
      : fractions_(fractions),
        groups_(make_several_groups(samples)),
        dealt_(groups_.size(), false),
        parts_(fractions.size()) {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (const auto& [label, count] : groups_[g].labels) {
        with_label_[label].push_back(g);
        left_[label] += count;
      }
    }
    for (const double fraction : fractions) {
      lacking_in_all_.push_back(fraction * static_cast<double>(samples.labels.size()));
      for (const auto& [label, count] : left_) lacking_[label].push_back(fraction * count);
    }
  }

  SeveralParts deal() {
    while (!left_.empty()) {
      const std::size_t label = std::ranges::min_element(left_, {}, [](const auto& one) {
                                  return std::pair(one.second, one.first);
                                })->first;
      for (const std::size_t g : with_label_[label]) {
        if (!dealt_[g]) give(g, fullest_need(&lacking_[label]));
      }
      left_.erase(label);
    }
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (!dealt_[g]) give(g, fullest_need(nullptr));
    }
    for (auto& part : parts_) std::ranges::sort(part);
    return std::move(parts_);
  }

 private:
  [[nodiscard]] std::size_t fullest_need(const std::vector<double>* of_label) const {
    std::size_t best = fractions_.size();
    const auto need = [&](std::size_t p) {
      return std::pair(of_label != nullptr ? (*of_label)[p] : 0.0, lacking_in_all_[p]);
    };
    for (std::size_t p = 0; p < fractions_.size(); ++p) {
      if (fractions_[p] > 0 && (best == fractions_.size() || need(p) > need(best))) best = p;
    }
    return best;
  }

  void give(std::size_t g, std::size_t part) {
    const SeveralGroup& group = groups_[g];
    dealt_[g] = true;
    parts_[part].insert(parts_[part].end(), group.members.begin(), group.members.end());
    lacking_in_all_[part] -= static_cast<double>(group.members.size());
    for (const auto& [label, count] : group.labels) {
      lacking_[label][part] -= count;
      const auto left = left_.find(label);
      if (left != left_.end()) left->second -= count;
    }
  }

  std::span<const double> fractions_;
  std::vector<SeveralGroup> groups_;
  std::vector<bool> dealt_;
  SeveralParts parts_;
  std::map<std::size_t, std::vector<std::size_t>> with_label_;  ///< groups
  std::map<std::size_t, double> left_;                          ///< samples not dealt yet, by label
  std::map<std::size_t, std::vector<double>> lacking_;          ///< by label and part
  std::vector<double> lacking_in_all_;                          ///< by part
};

}  // namespace

SeveralParts iterative_split(const SeveralSplit& samples, std::span<const double> fractions) {
  check_fractions(fractions);
  if (!samples.groups.empty() && samples.groups.size() != samples.labels.size()) {
    fail(ErrorKind::shape_mismatch, "split: expected a group for each of ", samples.labels.size(),
         " samples, received ", samples.groups.size());
  }
  return Dealer(samples, fractions).deal();
}

}  // namespace graft::data
