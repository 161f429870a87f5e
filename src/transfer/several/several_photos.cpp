// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/several_photos.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/data/several_split.hpp"

#include "transfer/frozen/frozen_run.hpp"
#include "transfer/split/known_rows.hpp"
#include "transfer/split/split.hpp"

namespace graft::transfer {
namespace {

constexpr double kSeveralValidation = 0.15, kSeveralTest = 0.15;

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

std::string several_note(const Photos& photos, const PhotoPool& pool, const TrainOptions& options) {
  return frozen_split_note(photos, "each with its share of every label", !pool.groups.empty(), options.seed);
}

Photos photos_of(const PhotoPool& pool, const TrainOptions& options, const Split& split) {
  Photos photos = make_photos(pool, options, split, false);
  photos.split_note = several_note(photos, pool, options);
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
  add_kept_rows(split, rows);
  Photos photos = photos_of(pool, options, split);
  const std::string kept = keep_known_apart(photos, pool, known, rows);
  photos.split_note = several_note(photos, pool, options) + kept;
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
  const RestOfFold rest = rest_of_fold(pool, fold);
  const double validation = pool.validation ? 0 : kSeveralValidation;
  PhotoFolds parts = deal_rows(pool, rest.rows, options.seed, std::array{1 - validation, validation});
  return photos_of(rest.pool, options, {std::move(parts[0]), std::move(parts[1]), fold});
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
