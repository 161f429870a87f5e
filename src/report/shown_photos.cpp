// SPDX-License-Identifier: Apache-2.0
#include "report/shown_photos.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "graft/base/random.hpp"

namespace graft::report {
namespace {

constexpr std::size_t kListed = 24;  // photos in each list of worst or least certain ones
constexpr std::size_t kPerCell = 4;  // photos of each cell of a confusion, before any gets more

/// Chosen rows, each once, up to a limit.
class Chosen {
 public:
  explicit Chosen(std::size_t limit) : limit_(limit) {}

  /// Takes from the front of a list until `most` of all are chosen.
  void take(const std::vector<std::size_t>& rows, std::size_t set, std::size_t most) {
    for (const std::size_t row : rows) {
      if (order_.size() >= std::min(most, limit_)) return;
      add(row, set);
    }
  }
  void add(std::size_t row, std::size_t set) {
    if (order_.size() < limit_ && position_.emplace(row, order_.size()).second) order_.emplace_back(row, set);
  }
  [[nodiscard]] const std::vector<std::pair<std::size_t, std::size_t>>& rows() const { return order_; }
  [[nodiscard]] std::vector<std::size_t> positions_of(const std::vector<std::size_t>& rows) const {
    std::vector<std::size_t> positions;
    for (const std::size_t row : rows) {
      const auto found = position_.find(row);
      if (found != position_.end()) positions.push_back(found->second);
    }
    return positions;
  }

 private:
  std::size_t limit_;
  std::vector<std::pair<std::size_t, std::size_t>> order_;
  std::map<std::size_t, std::size_t> position_;
};

std::vector<std::size_t> worst_of(const PhotoChoice& from, const AnswerSet& set) {
  std::vector<std::size_t> rows = set.rows;
  std::erase_if(rows, [&](std::size_t row) { return from.answers[row].answer == from.photos.truth[row]; });
  std::ranges::stable_sort(rows, std::ranges::greater{},
                           [&](std::size_t row) { return from.answers[row].probability; });
  return rows;
}

std::vector<std::size_t> least_certain_of(const PhotoChoice& from, const AnswerSet& set) {
  std::vector<std::size_t> rows = set.rows;
  std::ranges::stable_sort(rows, {}, [&](std::size_t row) { return from.answers[row].margin; });
  if (rows.size() > kListed) rows.resize(kListed);
  return rows;
}

/// By a hash of the file's name: a sample that is the same in each run.
std::vector<std::size_t> shuffled(const PhotoChoice& from, std::vector<std::size_t> rows) {
  std::ranges::sort(rows, {}, [&](std::size_t row) {
    return std::pair(fnv1a(from.photos.files[row].filename().string()), row);
  });
  return rows;
}

/// The first of each cell of the confusion, the first of a class of right answers included.
std::vector<std::size_t> some_of_each_cell(const PhotoChoice& from, const std::vector<std::size_t>& rows,
                                           std::size_t most) {
  std::map<std::pair<int, int>, std::size_t> taken;
  std::vector<std::size_t> some;
  for (const std::size_t row : rows) {
    if (taken[{from.photos.truth[row], from.answers[row].answer}]++ < most) some.push_back(row);
  }
  return some;
}

void add_finding_photos(const PhotoChoice& from, ShownPhotos& shown) {
  std::set<std::filesystem::path> there;
  for (const ShownPhoto& photo : shown.photos) there.insert(photo.file);
  std::map<std::filesystem::path, std::size_t> rows;
  for (std::size_t i = 0; i < from.photos.files.size(); ++i) rows.emplace(from.photos.files[i], i);
  std::size_t added = 0;
  for (const std::filesystem::path& file : from.of_findings) {
    if (added == kMostFindingPhotos) return;
    if (!there.insert(file).second) continue;
    ++added;
    const auto row = rows.find(file);
    ShownPhoto photo{.file = file};
    if (row != rows.end()) photo.row = row->second;
    for (std::size_t set = 0; photo.row && set < from.sets.size(); ++set) {
      if (std::ranges::binary_search(from.sets[set].rows, *photo.row)) photo.set = set;
    }
    shown.photos.push_back(std::move(photo));
  }
}

}  // namespace

ShownPhotos choose_photos(const PhotoChoice& from, std::size_t limit) {
  ShownPhotos shown;
  Chosen chosen(limit);
  std::vector<std::vector<std::size_t>> worst, least_certain, mixed;
  for (const AnswerSet& set : from.sets) {
    worst.push_back(worst_of(from, set));
    least_certain.push_back(least_certain_of(from, set));
    mixed.push_back(shuffled(from, set.rows));
  }
  const std::size_t sets = std::max<std::size_t>(from.sets.size(), 1);
  // Each set gets its share of each kind: of 200 places 24 mistakes, 24 uncertain ones, then cells.
  for (std::size_t s = 0; s < from.sets.size(); ++s) {
    chosen.take(worst[s], s, chosen.rows().size() + std::min(kListed, limit / (4 * sets) + 1));
    chosen.take(least_certain[s], s, chosen.rows().size() + std::min(kListed, limit / (8 * sets) + 1));
  }
  const std::size_t before_cells = chosen.rows().size();
  for (std::size_t s = 0; s < from.sets.size(); ++s) {
    const std::size_t share = (limit - std::min(limit, before_cells)) * (s + 1) / (2 * sets);
    chosen.take(some_of_each_cell(from, worst[s], kPerCell), s, before_cells + share);
    chosen.take(some_of_each_cell(from, mixed[s], 1), s, before_cells + share);
  }
  for (std::size_t s = 0; s < from.sets.size(); ++s) {
    const std::size_t left = limit - std::min(limit, chosen.rows().size());
    chosen.take(mixed[s], s, chosen.rows().size() + (s + 1 == sets ? left : (left + 1) / 2));
  }
  for (std::size_t s = 0; s < from.sets.size(); ++s) chosen.take(mixed[s], s, limit);
  for (const auto& [row, set] : chosen.rows())
    shown.photos.push_back({.file = from.photos.files[row], .row = row, .set = set});
  for (std::size_t s = 0; s < from.sets.size(); ++s) {
    shown.worst.push_back(chosen.positions_of(worst[s]));
    shown.least_certain.push_back(chosen.positions_of(least_certain[s]));
    if (shown.worst.back().size() > kListed) shown.worst.back().resize(kListed);
  }
  add_finding_photos(from, shown);
  return shown;
}

void add_answered_findings(ShownPhotos& shown, const PhotoAnswers& photos, const std::vector<AnswerSet>& sets,
                           const std::vector<std::filesystem::path>& files) {
  std::map<std::filesystem::path, std::size_t> rows;
  for (std::size_t row = 0; row < photos.files.size(); ++row) rows.emplace(photos.files[row], row);
  std::map<std::size_t, std::size_t> set_of;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    for (const std::size_t row : sets[s].rows) set_of[row] = s;
  }
  std::set<std::size_t> there;
  for (const ShownPhoto& photo : shown.photos) there.insert(photo.row.value());
  std::size_t added = 0;
  for (const std::filesystem::path& file : files) {
    const auto row = rows.find(file);
    if (added == kMostFindingPhotos || row == rows.end() || !there.insert(row->second).second) continue;
    shown.photos.push_back({.file = file, .row = row->second, .set = set_of[row->second]});
    ++added;
  }
}

}  // namespace graft::report
