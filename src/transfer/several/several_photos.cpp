// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/several_photos.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/round_record.hpp"
#include "graft/data/several_split.hpp"

#include "transfer/frozen/frozen_run.hpp"
#include "transfer/split/split.hpp"

namespace graft::transfer {
namespace {

constexpr double kSeveralValidation = 0.15, kSeveralTest = 0.15;

/// Rows of a pool, and what earlier rounds say of them.
struct RowsByRound {
  std::vector<std::size_t> fresh;                ///< not known: to be divided
  std::array<std::vector<std::size_t>, 3> kept;  ///< by part
  std::size_t keep_part = 0, left_out = 0;       ///< photos
};

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

/// Rows in parts of these sizes, each with its share of every label.
PhotoFolds deal_rows(const PhotoPool& pool, const std::vector<std::size_t>& rows, std::uint64_t seed,
                     std::span<const double> fractions) {
  if (rows.empty()) return PhotoFolds(fractions.size());
  const std::vector<std::vector<int>> all = pool.train.label_sets();
  std::vector<std::vector<int>> labels;
  std::vector<std::size_t> groups;
  for (const std::size_t row : rows) {
    labels.push_back(all[row]);
    if (!pool.groups.empty()) groups.push_back(pool.groups[row]);
  }
  PhotoFolds parts = data::iterative_split({.labels = labels, .groups = groups, .seed = seed}, fractions);
  for (auto& part : parts) {
    for (std::size_t& i : part) i = rows[i];
  }
  return parts;
}

void add_rows(std::vector<std::size_t>& part, const std::vector<std::size_t>& rows) {
  if (rows.empty()) return;  // the order stays as it is
  part.insert(part.end(), rows.begin(), rows.end());
  std::ranges::sort(part);
}

void expect_every_label(const Photos& photos) {
  std::vector<bool> any(photos.class_names.size(), false);
  for (const std::vector<int>& set : photos.train.label_sets()) {
    for (const int label : set) any[static_cast<std::size_t>(label)] = true;
  }
  for (std::size_t k = 0; k < any.size(); ++k) {
    if (any[k]) continue;
    fail(ErrorKind::invalid_argument, "no training photo that can be read has the label '",
         printable(photos.class_names[k]), "': add photos, or name the labels to learn (class_names)");
  }
}

Photos photos_of(const PhotoPool& pool, const TrainOptions& options, const Split& split) {
  Photos photos = make_photos(pool, options, split, false);
  photos.split_note =
      frozen_split_note(photos, "each with its share of every label", !pool.groups.empty(), options.seed);
  expect_every_label(photos);
  return photos;
}

}  // namespace

Photos split_several(const PhotoPool& pool, const TrainOptions& options,
                     const std::map<std::string, Part>& known) {
  RowsByRound rows = rows_by_round(pool, known);
  const double validation = pool.validation ? 0 : kSeveralValidation, test = pool.test ? 0 : kSeveralTest;
  PhotoFolds parts =
      deal_rows(pool, rows.fresh, options.seed, std::array{1 - validation - test, validation, test});
  Split split{std::move(parts[0]), std::move(parts[1]), std::move(parts[2])};
  add_rows(split.train, rows.kept[0]);
  add_rows(split.validation, rows.kept[1]);
  add_rows(split.test, rows.kept[2]);
  Photos photos = photos_of(pool, options, split);
  if (known.empty()) return photos;
  if (pool.validation) rows.left_out += leave_known_out(photos.validation, Part::validation, known);
  if (pool.test) rows.left_out += leave_known_out(photos.test, Part::test, known);
  photos.split_note =
      frozen_split_note(photos, "each with its share of every label", !pool.groups.empty(), options.seed);
  if (rows.keep_part > 0)
    photos.split_note += cat("; ", rows.keep_part, " known from earlier rounds keep their part");
  if (rows.left_out > 0)
    photos.split_note += cat("; ", rows.left_out, " left out: they were in another part before");
  return photos;
}

PhotoFolds fold_several(const PhotoPool& pool, const TrainOptions& options) {
  const std::size_t count = options.evaluation.folds;
  const std::vector<double> fractions(count, 1.0 / static_cast<double>(count));
  PhotoFolds folds = deal_rows(pool, pool.usable, options.seed, fractions);
  if (std::ranges::any_of(folds, &std::vector<std::size_t>::empty))
    fail_option(ErrorKind::invalid_argument, "folds", "folds: ", pool.usable.size(), " photos",
                pool.groups.empty() ? "" : " in their groups", " are too few for ", count,
                " folds; use fewer");
  const std::vector<std::vector<int>> all = pool.train.label_sets();
  std::vector<std::size_t> folds_with(pool.train.class_names().size(), 0);
  for (const std::vector<std::size_t>& fold : folds) {
    std::vector<bool> here(folds_with.size(), false);
    for (const std::size_t row : fold) {
      for (const int label : all[row]) here[static_cast<std::size_t>(label)] = true;
    }
    for (std::size_t k = 0; k < here.size(); ++k) folds_with[k] += here[k] ? 1 : 0;
  }
  const auto alone = std::ranges::find(folds_with, std::size_t{1});
  if (alone == folds_with.end()) return folds;
  fail_option(ErrorKind::invalid_argument, "folds", "folds: all photos with the label '",
              printable(pool.train.class_names().at(static_cast<std::size_t>(alone - folds_with.begin()))),
              "' are in one fold, so that none is left to train on; add photos of it, or use no folds");
}

Photos several_parts_of_fold(const PhotoPool& pool, const TrainOptions& options,
                             const std::vector<std::size_t>& fold) {
  PhotoPool without_test = pool;
  without_test.test.reset();
  std::vector<std::size_t> rest;
  std::ranges::set_difference(pool.usable, fold, std::back_inserter(rest));
  const double validation = pool.validation ? 0 : kSeveralValidation;
  PhotoFolds parts = deal_rows(pool, rest, options.seed, std::array{1 - validation, validation});
  return photos_of(without_test, options, {std::move(parts[0]), std::move(parts[1]), fold});
}

PhotoFolds several_folds(const Photos& photos, std::uint64_t seed) {
  return frozen_folds(photos.train.size(), [&](std::span<const double> fractions) {
    const std::vector<std::vector<int>> labels = photos.train.label_sets();
    return data::iterative_split({.labels = labels, .groups = photos.train_groups, .seed = seed}, fractions);
  });
}

std::vector<double> positive_weights_of(const Tensor& truth, ClassWeight weight) {
  constexpr double kMost = 100;
  if (weight == ClassWeight::none) return {};
  const auto classes = static_cast<std::size_t>(truth.shape()[1]);
  const auto count = static_cast<double>(truth.shape()[0]);
  std::vector<double> weights;
  for (std::size_t k = 0; k < classes; ++k) {
    double positives = 0;
    for (std::size_t at = k; at < truth.data<float>().size(); at += classes)
      positives += static_cast<double>(truth.data<float>()[at]);
    weights.push_back(std::clamp((count - positives) / std::max(positives, 1.0), 1 / kMost, kMost));
  }
  return weights;
}

}  // namespace graft::transfer
