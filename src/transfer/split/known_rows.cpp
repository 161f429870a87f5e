// SPDX-License-Identifier: Apache-2.0
#include "transfer/split/known_rows.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/classify/round_record.hpp"

namespace graft::transfer {
namespace {

/// The part that photos of a group had, of several the one that matters most: training, then validation.
std::map<std::size_t, Part> parts_by_group(const PhotoPool& pool, const std::map<std::string, Part>& known) {
  std::map<std::size_t, Part> parts;
  for (const std::size_t row : pool.usable) {
    const auto found = known.find(pool.prints[row]);
    if (found == known.end() || pool.groups.empty()) continue;
    const auto [group, added] = parts.emplace(pool.groups[row], found->second);
    if (!added) group->second = std::min(group->second, found->second);
  }
  return parts;
}

/// Leaves photos out of a given part that had another one in earlier rounds. Returns how many.
std::size_t leave_known_out(data::Dataset& photos, Part part, const std::map<std::string, Part>& known) {
  const std::vector<std::string> prints = photo_prints(photos.file_paths());
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < prints.size(); ++i) {
    const auto found = known.find(prints[i]);
    if (found == known.end() || found->second == part) kept.push_back(i);
  }
  const std::size_t gone = prints.size() - kept.size();
  if (kept.empty())
    fail_option(ErrorKind::invalid_argument, part == Part::test ? "test" : "validation",
                part == Part::test ? "test" : "validation", ": all ", prints.size(),
                " photos had another part in earlier rounds; expected photos that no earlier model was "
                "trained on or chosen by");
  if (gone > 0) photos = photos.subset(kept, photos.options());
  return gone;
}

void add_rows(std::vector<std::size_t>& part, const std::vector<std::size_t>& rows) {
  if (rows.empty()) return;  // the order stays as it is
  part.insert(part.end(), rows.begin(), rows.end());
  std::ranges::sort(part);
}

std::vector<std::string> prints_of_test(const Photos& photos) {
  const auto known = photos.prints.find(Part::test);
  return known == photos.prints.end() ? photo_prints(photos.test.file_paths()) : known->second;
}

}  // namespace

RowsByRound rows_by_round(const PhotoPool& pool, const std::map<std::string, Part>& known) {
  RowsByRound rows;
  const std::map<std::size_t, Part> groups = parts_by_group(pool, known);
  for (const std::size_t row : pool.usable) {
    std::optional<Part> part;
    if (const auto found = known.find(pool.prints[row]); found != known.end()) part = found->second;
    const bool is_known = part.has_value();
    if (!is_known && !pool.groups.empty()) {
      if (const auto found = groups.find(pool.groups[row]); found != groups.end()) part = found->second;
    }
    if (!part) {
      rows.fresh.push_back(row);
      continue;
    }
    if (*part == Part::test && pool.test) {
      ++rows.left_out;
      continue;
    }
    // Where validation photos are given, those that were among them train.
    const bool moves = *part == Part::validation && pool.validation;
    rows.kept.at(static_cast<std::size_t>(moves ? Part::train : *part)).push_back(row);
    if (is_known && !moves) ++rows.keep_part;
  }
  return rows;
}

void add_kept_rows(Split& split, const RowsByRound& rows) {
  add_rows(split.train, rows.kept[0]);
  add_rows(split.validation, rows.kept[1]);
  add_rows(split.test, rows.kept[2]);
}

std::string keep_known_apart(Photos& photos, const PhotoPool& pool, const std::map<std::string, Part>& known,
                             RowsByRound& rows) {
  if (known.empty()) return {};
  if (pool.validation) rows.left_out += leave_known_out(photos.validation, Part::validation, known);
  if (pool.test) rows.left_out += leave_known_out(photos.test, Part::test, known);
  std::string note;
  if (rows.keep_part > 0) note += cat("; ", rows.keep_part, " known from earlier rounds keep their part");
  if (rows.left_out > 0) note += cat("; ", rows.left_out, " left out: they were in another part before");
  return note;
}

std::vector<RoundRow> rows_of_rounds(const std::vector<RoundRecord>& rounds, const Photos& photos) {
  const std::vector<std::string> prints = prints_of_test(photos);
  std::vector<RoundRow> rows;
  for (const RoundRecord& round : rounds) {
    std::set<std::string> tested;
    for (const KnownPhoto& photo : round.known) {
      if (photo.part == Part::test && !photo.print.empty()) tested.insert(photo.print);
    }
    RoundRow& row = rows.emplace_back();
    std::set<std::string> found;
    for (std::size_t i = 0; i < prints.size(); ++i) {
      if (tested.contains(prints[i]) && found.insert(prints[i]).second) row.places.push_back(i);
    }
    row.score.photos = round.photos;
    row.score.missing = tested.size() - found.size();
    row.score.accuracy_then = round.test_accuracy;
  }
  RoundRow& now = rows.emplace_back();
  for (std::size_t i = 0; i < photos.test.size(); ++i) now.places.push_back(i);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].score.round = i + 1;
    rows[i].score.test_photos = rows[i].places.size();
  }
  return rows;
}

}  // namespace graft::transfer
