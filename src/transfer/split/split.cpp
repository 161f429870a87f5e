// SPDX-License-Identifier: Apache-2.0
#include "transfer/split/split.hpp"

#include <algorithm>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/data/grouped_split.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/load/photo_pool.hpp"
#include "transfer/load/photos.hpp"

namespace graft::transfer {
namespace {

using Indices = std::vector<std::size_t>;

constexpr double kKerasValidation = 0.2;

/// What is split: the photos of a pool that are used, or some of them.
struct Samples {
  Indices rows;  ///< of the pool's training set
  std::vector<int> labels;
  std::vector<std::string> prints;
  Indices groups;  ///< empty: none
  bool needs_validation = false, needs_test = false;
};

Samples samples_of(const PhotoPool& pool, Indices rows) {
  Samples samples{.rows = std::move(rows), .needs_validation = !pool.validation, .needs_test = !pool.test};
  for (const std::size_t row : samples.rows) {
    samples.labels.push_back(pool.train.labels()[row]);
    samples.prints.push_back(pool.prints[row]);
    if (!pool.groups.empty()) samples.groups.push_back(pool.groups[row]);
  }
  return samples;
}

/// From positions in the samples to rows of the pool.
Split to_rows(const Samples& samples, Split split) {
  for (Indices* part : {&split.train, &split.validation, &split.test}) {
    for (std::size_t& i : *part) i = samples.rows[i];
  }
  return split;
}

/// By groups.
Split split_by(const Samples& samples, double validation, double test, std::uint64_t seed) {
  const std::vector<double> fractions{1 - test - validation, validation, test};
  std::vector<Indices> parts =
      data::grouped_split({.labels = samples.labels, .groups = samples.groups, .seed = seed}, fractions);
  return to_rows(samples, {std::move(parts[0]), std::move(parts[1]), std::move(parts[2])});
}

Split split_own(const Samples& samples, std::uint64_t seed) {
  return to_rows(samples, split_by_content({.labels = samples.labels,
                                            .prints = samples.prints,
                                            .groups = samples.groups,
                                            .needs_validation = samples.needs_validation,
                                            .needs_test = samples.needs_test,
                                            .seed = seed}));
}

/// Keras's own, or its sizes where groups are to stay together.
Split split_as_keras(const Samples& samples, bool grouped, std::uint64_t seed) {
  const bool any = samples.needs_validation || samples.needs_test;
  if (grouped) {
    const double test = samples.needs_test ? kKerasValidation / 5 : 0;
    return split_by(samples, any ? kKerasValidation - test : 0, test, seed);
  }
  const std::size_t count = samples.rows.size();
  const Indices order = data::numpy_permutation(count, static_cast<std::uint32_t>(seed));
  const auto validation =
      any ? static_cast<std::size_t>(kKerasValidation * static_cast<double>(count)) : std::size_t{0};
  const auto cut = order.end() - static_cast<std::ptrdiff_t>(validation);
  Split split{{order.begin(), cut}, {cut, order.end()}, {}};
  if (samples.needs_test) {
    const auto fifth = static_cast<std::ptrdiff_t>(validation / 5);
    split.test.assign(split.validation.begin(), split.validation.begin() + fifth);
    split.validation.erase(split.validation.begin(), split.validation.begin() + fifth);
  }
  return to_rows(samples, std::move(split));
}

void append(std::vector<data::LeftOut>& all, const std::optional<data::PhotoSet>& photos) {
  if (photos) all.insert(all.end(), photos->left_out().begin(), photos->left_out().end());
}

/// Photos of validation and test that training has too, by which they would be flattered.
struct Across {
  std::size_t validation = 0, test = 0;
};

Across count_across(const PhotoPool& pool, const Split& split) {
  if (pool.same.empty()) return {};
  std::set<std::size_t> trained;
  for (const std::size_t row : split.train) trained.insert(pool.same[row]);
  std::set<std::size_t> used = trained;  // to train or to choose by
  for (const std::size_t row : split.validation) used.insert(pool.same[row]);
  if (pool.validation) {
    const auto first = pool.same.begin() + static_cast<std::ptrdiff_t>(pool.train.size());
    used.insert(first, first + static_cast<std::ptrdiff_t>(pool.validation->size()));
  }
  const auto among = [&](const Indices& rows, const std::optional<data::PhotoSet>& own, std::size_t own_from,
                         const std::set<std::size_t>& known) {
    const auto is_trained = [&](std::size_t i) { return known.contains(pool.same[i]); };
    if (!own) return static_cast<std::size_t>(std::ranges::count_if(rows, is_trained));
    std::size_t found = 0;
    for (std::size_t i = 0; i < own->size(); ++i) found += is_trained(own_from + i) ? 1 : 0;
    return found;
  };
  const std::size_t validation_from = pool.train.size();
  const std::size_t test_from = validation_from + (pool.validation ? pool.validation->size() : 0);
  return {among(split.validation, pool.validation, validation_from, trained),
          among(split.test, pool.test, test_from, used)};
}

}  // namespace

Photos make_photos(const PhotoPool& pool, const TrainOptions& options, const Split& split, bool binary) {
  const data::DatasetOptions fixed{.batch_size = options.batch_size,
                                   .seed = options.seed,
                                   .label_mode = binary ? data::LabelMode::binary : data::LabelMode::integer};
  data::DatasetOptions shuffled = fixed;
  shuffled.shuffle = true;
  const auto part = [&](const std::optional<data::PhotoSet>& own, const Indices& rows) {
    return own ? own->all(fixed) : pool.train.subset(rows, fixed);
  };
  Photos photos{.train = pool.train.subset(split.train, shuffled),
                .validation = part(pool.validation, split.validation),
                .test = part(pool.test, split.test),
                .class_names = pool.train.class_names(),
                .left_out = pool.train.left_out(),
                .split_note = {},
                .notes = pool.notes,
                .train_groups = {},
                .duplicates = pool.duplicates,
                .cache = options.disk_cache};
  photos.loaded = loaded_photos(
      {&pool.train, pool.validation ? &*pool.validation : nullptr, pool.test ? &*pool.test : nullptr});
  const auto remember = [&](Part of, const Indices& rows) {
    for (const std::size_t row : rows) photos.prints[of].push_back(pool.prints[row]);
  };
  remember(Part::train, split.train);
  if (!pool.validation) remember(Part::validation, split.validation);
  if (!pool.test) remember(Part::test, split.test);
  append(photos.left_out, pool.validation);
  append(photos.left_out, pool.test);
  if (!pool.groups.empty()) {
    for (const std::size_t row : split.train) photos.train_groups.push_back(pool.groups[row]);
  }
  if (photos.train.size() == 0 || photos.validation.size() == 0 || photos.test.size() == 0) {
    fail(ErrorKind::invalid_argument, pool.train.size(), " photos are too few to train on ",
         photos.train.size(), ", choose by ", photos.validation.size(), " and test on ", photos.test.size(),
         pool.groups.empty()
             ? ""
             : ", for those that belong together (groups, and the same photo twice) stay in one part",
         "; add photos");
  }
  if (photos.duplicates) {
    const Across across = count_across(pool, split);
    photos.duplicates->validation_photos_in_training = across.validation;
    photos.duplicates->test_photos_in_training = across.test;
    if (across.test + across.validation > 0) {
      photos.notes.push_back(
          cat("  of these photos ", across.test,
              " in the test part are among the training or validation photos too, and ", across.validation,
              " in the validation part among the training photos, which flatters the result; "
              "duplicates: drop (--duplicates drop) leaves them out of training"));
    }
  }
  return photos;
}

Photos split_pool(const PhotoPool& pool, const TrainOptions& options, bool keras_split) {
  const Samples samples = samples_of(pool, pool.usable);
  // Duplicates do not change Keras's split; requested groups do.
  const bool grouped = !options.evaluation.group_by.empty() || !pool.train.groups().empty();
  const Split split =
      keras_split ? split_as_keras(samples, grouped, options.seed) : split_own(samples, options.seed);
  Photos photos = make_photos(pool, options, split, keras_split && pool.train.class_names().size() == 2);
  photos.split_note = cat("split ", photos.train.size(), " train, ", photos.validation.size(),
                          " validation, ", photos.test.size(), " test",
                          keras_split && !grouped  ? ", as Keras splits"
                          : samples.groups.empty() ? ", by content"
                                                   : ", by content, groups together",
                          ", seed ", options.seed);
  return photos;
}

std::vector<Indices> fold_pool(const PhotoPool& pool, const TrainOptions& options) {
  const Samples samples = samples_of(pool, pool.usable);
  std::vector<Indices> folds = data::stratified_folds(
      {.labels = samples.labels, .groups = samples.groups, .seed = options.seed}, options.evaluation.folds);
  for (Indices& fold : folds) {
    for (std::size_t& i : fold) i = samples.rows[i];
  }
  return folds;
}

Photos parts_of_fold(const PhotoPool& pool, const TrainOptions& options, const Indices& fold) {
  RestOfFold rest = rest_of_fold(pool, fold);
  Samples samples = samples_of(rest.pool, std::move(rest.rows));
  samples.needs_test = false;
  Split split = split_own(samples, options.seed);
  split.test = fold;
  const bool binary = is_recipe<TutorialRecipe>(options) && pool.train.class_names().size() == 2;
  return make_photos(rest.pool, options, split, binary);
}

}  // namespace graft::transfer
