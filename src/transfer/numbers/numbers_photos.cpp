// SPDX-License-Identifier: Apache-2.0
#include "transfer/numbers/numbers_photos.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/data/grouped_split.hpp"

#include "transfer/frozen/frozen_run.hpp"
#include "transfer/split/known_rows.hpp"
#include "transfer/split/split.hpp"

namespace graft::transfer {
namespace {

constexpr std::size_t kQuarters = 4;

/// The first number of some of a table's rows.
std::vector<float> first_numbers(const Tensor& numbers, const std::vector<std::size_t>& rows) {
  std::vector<float> values;
  values.reserve(rows.size());
  for (const std::size_t row : rows)
    values.push_back(numbers.data<float>()[row * static_cast<std::size_t>(numbers.shape()[1])]);
  return values;
}

/// Four digits, as a person writes a number: 34.2, not 34.187412.
double short_number(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double scale = std::pow(10.0, 3 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

/// What some rows of a pool are divided by.
struct NumberRows {
  std::vector<int> quarters;
  std::vector<std::string> prints;
  std::vector<std::size_t> groups;  ///< empty: none
};

NumberRows number_rows(const PhotoPool& pool, const std::vector<std::size_t>& rows) {
  NumberRows found{.quarters = quarters_of(first_numbers(pool.train.targets(), rows))};
  for (const std::size_t row : rows) {
    found.prints.push_back(pool.prints[row]);
    if (!pool.groups.empty()) found.groups.push_back(pool.groups[row]);
  }
  return found;
}

Split divide_numbers(const PhotoPool& pool, const std::vector<std::size_t>& rows, bool needs_validation,
                     bool needs_test, std::uint64_t seed) {
  const NumberRows found = number_rows(pool, rows);
  Split split = split_by_content({.labels = found.quarters,
                                  .prints = found.prints,
                                  .groups = found.groups,
                                  .needs_validation = needs_validation,
                                  .needs_test = needs_test,
                                  .seed = seed});
  for (std::vector<std::size_t>* part : {&split.train, &split.validation, &split.test}) {
    for (std::size_t& i : *part) i = rows[i];
  }
  return split;
}

std::string numbers_note(const Photos& photos, const PhotoPool& pool, const TrainOptions& options) {
  return frozen_split_note(photos, "by content", !pool.groups.empty(), options.seed);
}

Photos photos_with_numbers(const PhotoPool& pool, const TrainOptions& options, const Split& split) {
  Photos photos = make_photos(pool, options, split, false);
  photos.split_note = numbers_note(photos, pool, options);
  return photos;
}

}  // namespace

std::vector<int> quarters_of(const std::vector<float>& numbers) {
  std::vector<float> ascending = numbers;
  std::ranges::sort(ascending);
  std::vector<float> limits;
  for (std::size_t quarter = 1; quarter < kQuarters && !ascending.empty(); ++quarter)
    limits.push_back(ascending[quarter * ascending.size() / kQuarters]);
  std::vector<int> quarters;
  quarters.reserve(numbers.size());
  for (const float number : numbers)
    quarters.push_back(static_cast<int>(std::ranges::upper_bound(limits, number) - limits.begin()));
  return quarters;
}

Photos split_numbers(const PhotoPool& pool, const TrainOptions& options,
                     const std::map<std::string, Part>& known) {
  RowsByRound rows = rows_by_round(pool, known);
  Split split = divide_numbers(pool, rows.fresh, !pool.validation, !pool.test, options.seed);
  add_kept_rows(split, rows);
  Photos photos = photos_with_numbers(pool, options, split);
  const std::string kept = keep_known_apart(photos, pool, known, rows);
  photos.split_note = numbers_note(photos, pool, options) + kept;
  return photos;
}

PhotoFolds fold_numbers(const PhotoPool& pool, const TrainOptions& options) {
  const NumberRows rows = number_rows(pool, pool.usable);
  PhotoFolds folds = data::stratified_folds(
      {.labels = rows.quarters, .groups = rows.groups, .seed = options.seed}, options.evaluation.folds);
  for (std::vector<std::size_t>& fold : folds) {
    for (std::size_t& i : fold) i = pool.usable[i];
  }
  return folds;
}

Photos numbers_parts_of_fold(const PhotoPool& pool, const TrainOptions& options,
                             const std::vector<std::size_t>& fold) {
  const RestOfFold rest = rest_of_fold(pool, fold);
  Split split = divide_numbers(pool, rest.rows, !pool.validation, false, options.seed);
  split.test = fold;
  return photos_with_numbers(rest.pool, options, split);
}

PhotoFolds numbers_folds(const Photos& photos, std::uint64_t seed) {
  return frozen_folds(photos.train.size(), [&](std::span<const double> fractions) {
    std::vector<std::size_t> all(photos.train.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const std::vector<int> quarters = quarters_of(first_numbers(photos.train.targets(), all));
    return data::grouped_split({.labels = quarters, .groups = photos.train_groups, .seed = seed}, fractions);
  });
}

std::string describe_numbers(const Photos& photos) {
  std::size_t count = 0;
  std::vector<std::string> each;
  for (std::size_t k = 0; k < photos.class_names.size(); ++k) {
    std::vector<double> values;
    for (const data::Dataset* part : {&photos.train, &photos.validation, &photos.test}) {
      const Tensor numbers = part->targets();
      for (std::size_t at = k; at < numbers.data<float>().size(); at += photos.class_names.size())
        values.push_back(numbers.data<float>()[at]);
    }
    count = values.size();
    const Spread spread = spread_of(values);
    each.push_back(cat(photos.class_names[k], " from ", short_number(spread.lowest), " to ",
                       short_number(spread.highest), ", mean ", short_number(spread.mean)));
  }
  return cat(with_commas(static_cast<std::int64_t>(count)), " photos with ",
             photos.class_names.size() == 1 ? "a number" : "numbers", ": ",
             comma_list(each, {}, kMostClassesNamed));
}

}  // namespace graft::transfer
