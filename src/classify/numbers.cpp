// SPDX-License-Identifier: Apache-2.0
// Models that estimate numbers: their answers, and how good these are.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/random.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/evaluation.hpp"

namespace graft {

std::vector<NumberAnswer> Classifier::numbers_of(std::span<const float> row) const {
  std::vector<NumberAnswer> numbers;
  if (!gives_numbers()) return numbers;
  const NumberIntervals& known = number_intervals();
  for (std::size_t k = 0; k < row.size(); ++k) {
    NumberAnswer one{.name = class_names()[k], .value = row[k], .level = known.level};
    if (!known.half_widths.empty()) {
      one.low = one.value - known.half_widths[k];
      one.high = one.value + known.half_widths[k];
    }
    numbers.push_back(std::move(one));
  }
  return numbers;
}

bool classify::gives_numbers(const Json& metadata) {
  return metadata.is_object() && metadata.contains("output") && metadata["output"] == "numbers";
}

NumberIntervals classify::number_intervals(const Json& metadata, std::size_t numbers) {
  if (!metadata.contains("intervals")) return {};
  const Json& given = metadata["intervals"];
  const Json level = given.is_object() ? given.value("level", Json()) : Json();
  const Json widths = given.is_object() ? given.value("half_widths", Json()) : Json();
  const auto is_width = [](const Json& value) { return value.is_number() && value.get<double>() >= 0; };
  const bool good = level.is_number() && level.get<double>() > 0 && level.get<double>() < 1 &&
                    widths.is_array() && widths.size() == numbers && std::ranges::all_of(widths, is_width);
  if (!good)
    fail(ErrorKind::bad_file, kMetadataEntry, ": intervals: expected a level between 0 and 1 and ", numbers,
         " half_widths from 0 on");
  NumberIntervals intervals{.level = level.get<double>(), .half_widths = widths.get<std::vector<double>>()};
  const Json photos = given.value("photos", Json());
  if (photos.is_number_unsigned()) intervals.photos = photos.get<std::size_t>();
  return intervals;
}

namespace classify {
namespace {

/// Of one number: truth, and the answer's distance from it.
struct NumberPair {
  double truth = 0, error = 0;
};

void check_number_tables(const Tensor& answers, const Tensor& truth) {
  if (answers.shape().rank() != 2 || answers.shape() != truth.shape() || answers.dtype() != DType::float32 ||
      truth.dtype() != DType::float32) {
    fail(ErrorKind::shape_mismatch, "numbers: expected answers and truth float32 (N, K), received ",
         answers.shape(), " and ", truth.shape());
  }
  if (answers.shape()[0] == 0) fail(ErrorKind::invalid_argument, "numbers: there is no photo to compare");
  for (const Tensor* values : {&answers, &truth}) {
    if (std::ranges::any_of(values->data<float>(), [](float value) { return !std::isfinite(value); }))
      fail(ErrorKind::invalid_argument, "numbers: a value is no finite number");
  }
}

std::vector<NumberPair> number_pairs_of(const Tensor& answers, const Tensor& truth, std::size_t k) {
  const auto width = static_cast<std::size_t>(truth.shape()[1]);
  std::vector<NumberPair> pairs;
  for (std::size_t at = k; at < truth.data<float>().size(); at += width) {
    const double real = truth.data<float>()[at];
    pairs.push_back({.truth = real, .error = static_cast<double>(answers.data<float>()[at]) - real});
  }
  return pairs;
}

/// Mean absolute error, mean squared error and R2 of the pairs at some places.
std::array<double, 3> number_measures(std::span<const NumberPair> pairs,
                                      std::span<const std::size_t> places) {
  const auto count = static_cast<double>(places.size());
  double absolute = 0, squared = 0, mean = 0, variance = 0;
  for (const std::size_t i : places) {
    absolute += std::abs(pairs[i].error);
    squared += pairs[i].error * pairs[i].error;
    mean += pairs[i].truth / count;
  }
  for (const std::size_t i : places) variance += (pairs[i].truth - mean) * (pairs[i].truth - mean);
  const double without_spread = squared > 0 ? 0 : 1;
  return {absolute / count, squared / count, variance > 0 ? 1 - squared / variance : without_spread};
}

/// The value below which a part of them is, between two of them by a straight line.
double number_quantile(const std::vector<double>& ascending, double part) {
  const double at = part * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  return ascending[below] + (at - static_cast<double>(below)) * (ascending[above] - ascending[below]);
}

std::array<Interval, 3> bootstrap_numbers(std::span<const NumberPair> pairs) {
  std::array<std::vector<double>, 3> found;
  std::vector<std::size_t> places(pairs.size());
  Rng rng(0, fnv1a("numbers"));
  for (std::size_t sample = 0; sample < kNumberResamples; ++sample) {
    for (std::size_t& place : places) place = static_cast<std::size_t>(rng.below(pairs.size()));
    const std::array<double, 3> measured = number_measures(pairs, places);
    for (std::size_t i = 0; i < found.size(); ++i) found[i].push_back(measured[i]);
  }
  std::array<Interval, 3> intervals;
  for (std::size_t i = 0; i < found.size(); ++i) {
    std::ranges::sort(found[i]);
    intervals[i] = {.low = number_quantile(found[i], 0.025), .high = number_quantile(found[i], 0.975)};
  }
  return intervals;
}

NumberFigures figures_of_number(const std::vector<NumberPair>& pairs, std::optional<double> half_width) {
  std::vector<std::size_t> all(pairs.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const std::array<double, 3> measured = number_measures(pairs, all);
  const std::array<Interval, 3> intervals = bootstrap_numbers(pairs);
  const auto [lowest, highest] = std::ranges::minmax(pairs, {}, &NumberPair::truth);
  NumberFigures figures{.photos = pairs.size(),
                        .mean_absolute_error = measured[0],
                        .absolute_error_interval = intervals[0],
                        .mean_squared_error = measured[1],
                        .squared_error_interval = intervals[1],
                        .lowest = lowest.truth,
                        .highest = highest.truth};
  if (pairs.size() > 1) {
    figures.r2 = measured[2];
    figures.r2_interval = intervals[2];
  }
  std::vector<double> distances;
  std::size_t within = 0;
  for (const NumberPair& pair : pairs) {
    distances.push_back(std::abs(pair.error));
    within += half_width && distances.back() <= *half_width ? 1 : 0;
  }
  std::ranges::sort(distances);
  figures.median_absolute_error = number_quantile(distances, 0.5);
  if (half_width) figures.covered = static_cast<double>(within) / static_cast<double>(pairs.size());
  return figures;
}

Json number_interval_json(const Interval& interval) { return {interval.low, interval.high}; }

}  // namespace

std::vector<NumberFigures> number_figures(const Tensor& answers, const Tensor& truth,
                                          const NumberIntervals& intervals) {
  check_number_tables(answers, truth);
  std::vector<NumberFigures> figures;
  for (std::size_t k = 0; k < static_cast<std::size_t>(truth.shape()[1]); ++k) {
    std::optional<double> half_width;
    if (!intervals.half_widths.empty()) half_width = intervals.half_widths.at(k);
    figures.push_back(figures_of_number(number_pairs_of(answers, truth, k), half_width));
  }
  return figures;
}

NumberIntervals find_number_intervals(const Tensor& answers, const Tensor& truth, double level) {
  check_number_tables(answers, truth);
  if (!(level > 0 && level < 1))
    fail(ErrorKind::invalid_argument, "level: expected above 0 and below 1, received ", level);
  const auto count = static_cast<std::size_t>(truth.shape()[0]);
  NumberIntervals intervals{.level = level, .photos = count};
  // A little less, as 0.9 * 10 is more than 9 in binary.
  const auto wanted = static_cast<std::size_t>(std::ceil(static_cast<double>(count + 1) * level - 1e-9));
  if (wanted > count) return intervals;
  for (std::size_t k = 0; k < static_cast<std::size_t>(truth.shape()[1]); ++k) {
    std::vector<double> distances;
    for (const NumberPair& pair : number_pairs_of(answers, truth, k))
      distances.push_back(std::abs(pair.error));
    std::ranges::sort(distances);
    intervals.half_widths.push_back(distances[std::max<std::size_t>(wanted, 1) - 1]);
  }
  return intervals;
}

Json to_json(const std::vector<NumberFigures>& figures, const std::vector<std::string>& names) {
  Json list = Json::array();
  for (std::size_t k = 0; k < figures.size(); ++k) {
    const NumberFigures& one = figures[k];
    list.push_back({{"name", names.at(k)},
                    {"photos", one.photos},
                    {"mean_absolute_error", one.mean_absolute_error},
                    {"mean_absolute_error_interval", number_interval_json(one.absolute_error_interval)},
                    {"mean_squared_error", one.mean_squared_error},
                    {"mean_squared_error_interval", number_interval_json(one.squared_error_interval)},
                    {"root_mean_squared_error", std::sqrt(one.mean_squared_error)},
                    {"median_absolute_error", one.median_absolute_error},
                    {"r2", one.r2 ? Json(*one.r2) : Json()},
                    {"r2_interval", one.r2_interval ? number_interval_json(*one.r2_interval) : Json()},
                    {"lowest", one.lowest},
                    {"highest", one.highest},
                    {"in_interval", one.covered ? Json(*one.covered) : Json()}});
  }
  return list;
}

}  // namespace classify
}  // namespace graft
