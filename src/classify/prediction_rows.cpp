// SPDX-License-Identifier: Apache-2.0
#include "classify/prediction_rows.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "graft/base/read_file.hpp"

namespace graft {
inline namespace classify {
namespace {

constexpr std::uintmax_t kLargestPredictions = std::uintmax_t{2} << 30;

std::optional<float> parsed(const std::string& text) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string photo_columns(const PhotoAnswers& answers, std::size_t i) {
  const char* by = answers.seen(i) ? kBySeeingModel : answers.by_model[i] ? kByModel : kByHead;
  return cat(csv_field(answers.files[i].string()), ',', part_name(answers.parts[i]), ',',
             answers.folds[i] > 0 ? std::to_string(answers.folds[i]) : std::string(), ',', by);
}

PredictionRows::PredictionRows(std::filesystem::path file)
    : file_(std::move(file)), text_(read_file(file_, kLargestPredictions)), reader_(text_) {}

bool PredictionRows::next(std::size_t count, PhotoAnswers& answers) {
  if (!next()) return false;
  if (fields_.size() != count) refuse(fields_.size(), " fields, expected ", count);
  answers.files.emplace_back(fields_[0]);
  answers.parts.push_back(part_of(fields_[1]));
  answers.folds.push_back(fields_[2].empty() ? 0 : static_cast<std::size_t>(number_from_0(fields_[2])));
  answers.by_model.push_back(fields_[3] != kByHead);
  return true;
}

bool PredictionRows::begins_with(std::span<const char* const> columns) const {
  return fields_.size() >= columns.size() && std::equal(columns.begin(), columns.end(), fields_.begin());
}

std::vector<std::string> PredictionRows::fields_from(std::size_t first) const {
  return {fields_.begin() + static_cast<std::ptrdiff_t>(std::min(first, fields_.size())), fields_.end()};
}

float PredictionRows::number(const std::string& text) const {
  const std::optional<float> value = parsed(text);
  if (!value) refuse("'", text, "' is not a number");
  return *value;
}

float PredictionRows::number_from_0(const std::string& text) const {
  const std::optional<float> value = parsed(text);
  if (!value || !(*value >= 0)) refuse("'", text, "' is not a number from 0");
  return *value;
}

Part PredictionRows::part_of(const std::string& name) const {
  for (const Part part : {Part::train, Part::validation, Part::test}) {
    if (name == part_name(part)) return part;
  }
  refuse("the part '", name, "' is none of train, validation, test");
}

Tensor rows_tensor(std::span<const float> values, std::size_t width) {
  Tensor rows({static_cast<std::int64_t>(values.size() / width), static_cast<std::int64_t>(width)});
  std::ranges::copy(values, rows.data<float>().begin());
  return rows;
}

}  // namespace classify
}  // namespace graft
