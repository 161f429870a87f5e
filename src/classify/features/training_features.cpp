// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classify/neighbours.hpp"
#include "graft/evaluation.hpp"

namespace graft::classify {
namespace {

constexpr std::size_t kManyHeldOut = 100;
constexpr double kFalseAlarmsOfMany = 0.01, kFalseAlarmsOfFew = 0.05;
constexpr float kLargestByte = 127;
constexpr std::int64_t kMostRowsInFile = 100'000, kMostDimensions = 1'000'000;

/// Every n-th row, so that at most `most` are left.
Tensor thinned(const Tensor& rows, std::size_t most) {
  const auto count = static_cast<std::size_t>(rows.shape()[0]);
  if (count <= most) return rows;
  Tensor result(rows.shape().without_batch().with_batch(static_cast<std::int64_t>(most)));
  for (std::size_t i = 0; i < most; ++i) {
    const auto from = static_cast<std::int64_t>(i * count / most);
    const auto to = static_cast<std::int64_t>(i);
    result.slice(to, to + 1).copy_from(rows.slice(from, from + 1));
  }
  return result;
}

/// What each row is divided by to fit into signed bytes.
float byte_step(std::span<const float> row) {
  float largest = 0;
  for (const float value : row) largest = std::max(largest, std::abs(value));
  return largest > 0 ? largest / kLargestByte : 1;
}

std::span<const float> row_at(const Tensor& rows, std::int64_t row) {
  const auto width = static_cast<std::size_t>(rows.shape()[1]);
  return rows.data().subspan(static_cast<std::size_t>(row) * width, width);
}

/// Rows as they come back from the file, so that limits are those of what is stored.
Tensor rounded_rows(const Tensor& unit) {
  Tensor result = unit.clone();
  const auto width = static_cast<std::size_t>(unit.shape()[1]);
  for (std::int64_t row = 0; row < unit.shape()[0]; ++row) {
    const float step = byte_step(row_at(unit, row));
    for (float& value : result.data().subspan(static_cast<std::size_t>(row) * width, width))
      value = std::round(value / step);
  }
  return unit_rows(result);
}

[[noreturn]] void broken_entry(const std::filesystem::path& file, const std::string& why) {
  fail(ErrorKind::bad_file, file.string(), ": ", kTrainingFeaturesEntry, ": ", why);
}

}  // namespace

TrainingFeatures training_rows(const Tensor& train) {
  if (train.shape().rank() != 2)
    fail(ErrorKind::shape_mismatch, "training features: expected rows (n, D), received ", train.shape());
  if (train.shape()[0] == 0)
    fail(ErrorKind::invalid_argument, "training features: expected at least 1 training photo, received none");
  return {.rows = rounded_rows(unit_rows(thinned(train, kMostTrainingRows))), .held_out = {}};
}

TrainingFeatures with_limit(TrainingFeatures known, std::vector<double> distances) {
  const std::size_t count = distances.size();
  if (count < kFewestHeldOut) {
    fail(ErrorKind::invalid_argument, "training features: expected at least ", kFewestHeldOut,
         " photos that the network was not trained on, received ", count);
  }
  known.held_out = std::move(distances);
  std::ranges::sort(known.held_out);
  known.false_alarms = count >= kManyHeldOut ? kFalseAlarmsOfMany : kFalseAlarmsOfFew;
  const double place = std::ceil(static_cast<double>(count + 1) * (1 - known.false_alarms) - 1e-9);
  known.limit = known.held_out.at(std::min(static_cast<std::size_t>(place), count) - 1);
  return known;
}

TrainingFeatures make_training_features(const Tensor& train, const Tensor& held_out) {
  TrainingFeatures known = training_rows(train);
  std::vector<double> distances = training_distances(known, held_out);
  return with_limit(std::move(known), std::move(distances));
}

std::vector<double> training_distances(const TrainingFeatures& known, const Tensor& features) {
  const auto nearest = nearest_rows(unit_rows(features), known.rows, {.count = kTrainingNeighbours});
  std::vector<double> distances;
  distances.reserve(nearest.size());
  for (const auto& neighbours : nearest) {
    double sum = 0;
    for (const Neighbour& one : neighbours) sum += one.distance;
    distances.push_back(sum / static_cast<double>(std::max<std::size_t>(neighbours.size(), 1)));
  }
  return distances;
}

std::string to_bytes(const TrainingFeatures& known) {
  const Json head{
      {"version", 1},         {"rows", known.rows.shape()[0]},      {"dimensions", known.rows.shape()[1]},
      {"limit", known.limit}, {"false_alarms", known.false_alarms}, {"held_out", known.held_out}};
  std::string bytes = head.dump() + "\n";
  for (std::int64_t row = 0; row < known.rows.shape()[0]; ++row) {
    const std::span<const float> values = row_at(known.rows, row);
    const float step = byte_step(values);
    for (const float value : values)
      bytes += static_cast<char>(static_cast<std::int8_t>(std::lround(value / step)));
  }
  return bytes;
}

TrainingFeatures training_features_from_bytes(std::string_view bytes, const std::filesystem::path& file) {
  const std::size_t end = bytes.find('\n');
  const Json head = Json::parse(bytes.substr(0, end), nullptr, false);
  if (end == std::string_view::npos || !head.is_object())
    broken_entry(file, "its first line is no JSON object");
  TrainingFeatures known;
  std::int64_t rows = 0, dimensions = 0;
  try {
    if (head.at("version").get<int>() != 1) broken_entry(file, "is of a later version of graft");
    rows = head.at("rows").get<std::int64_t>();
    dimensions = head.at("dimensions").get<std::int64_t>();
    known.limit = head.at("limit").get<double>();
    known.false_alarms = head.at("false_alarms").get<double>();
    known.held_out = head.at("held_out").get<std::vector<double>>();
  } catch (const Json::exception& error) {
    broken_entry(file, error.what());
  }
  const bool sensible =
      rows > 0 && rows <= kMostRowsInFile && dimensions > 0 && dimensions <= kMostDimensions;
  if (!sensible || bytes.size() - end - 1 != static_cast<std::size_t>(rows * dimensions))
    broken_entry(file,
                 cat("has ", bytes.size() - end - 1, " bytes for ", rows, " x ", dimensions, " numbers"));
  if (known.held_out.empty() || !std::ranges::is_sorted(known.held_out))
    broken_entry(file, "its distances are not in order");
  Tensor values(Shape{rows, dimensions});
  for (std::size_t i = 0; i < values.data().size(); ++i)
    values.data()[i] = static_cast<float>(static_cast<std::int8_t>(bytes[end + 1 + i]));
  known.rows = unit_rows(values);
  return known;
}

}  // namespace graft::classify
