// SPDX-License-Identifier: Apache-2.0
// Accuracy where several classes count as one: animal of animal/cat and animal/dog.
#include <algorithm>
#include <map>

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"

namespace graft::classify {
namespace {

constexpr double kJustBelow = 0.4999999;  // as a float32 below one half too

/// The first names of "animal/dog/poodle", with / between.
std::string first_names(const std::string& name, std::size_t count) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < count; ++i) {
    end = name.find('/', i == 0 ? 0 : end + 1);
    if (end == std::string::npos) return name;
  }
  return name.substr(0, end);
}

/// Of each class the place of its first names among those of the level.
struct Grouping {
  std::size_t level = 1;
  std::vector<std::string> names{};
  std::vector<std::size_t> group{};
};

Grouping group_by(const std::vector<std::string>& class_names, std::size_t level) {
  Grouping grouping{.level = level};
  std::map<std::string, std::size_t> places;
  for (const std::string& name : class_names) {
    const std::string first = first_names(name, level);
    const auto [found, fresh] = places.emplace(first, grouping.names.size());
    grouping.group.push_back(found->second);
    if (fresh) grouping.names.push_back(first);
  }
  return grouping;
}

/// Of the levels at which some classes count as one, and some do not.
std::vector<Grouping> groupings_of(const std::vector<std::string>& class_names) {
  std::size_t depth = 0;
  for (const std::string& name : class_names)
    depth = std::max(depth, static_cast<std::size_t>(std::ranges::count(name, '/')) + 1);
  const std::size_t all = group_by(class_names, depth).names.size();
  std::vector<Grouping> groupings;
  for (std::size_t level = 1; level < depth; ++level) {
    Grouping grouping = group_by(class_names, level);
    if (grouping.names.size() >= 2 && grouping.names.size() < all) groupings.push_back(std::move(grouping));
  }
  return groupings;
}

/// A probability on a scale on which its threshold is 0.5.
float beyond_threshold(float probability, double threshold) {
  const double p = probability;
  if (p < threshold) return static_cast<float>(std::min(0.5 * p / threshold, kJustBelow));
  return static_cast<float>(threshold < 1 ? 0.5 + 0.5 * (p - threshold) / (1 - threshold) : 1.0);
}

/// The largest number of each name's labels, row by row.
Tensor largest_of_group(const Tensor& values, const Grouping& grouping) {
  const auto width = static_cast<std::size_t>(values.shape()[1]);
  const auto rows = static_cast<std::size_t>(values.shape()[0]);
  Tensor result({values.shape()[0], static_cast<std::int64_t>(grouping.names.size())});
  std::ranges::fill(result.data<float>(), 0.0F);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t k = 0; k < width; ++k) {
      float& most = result.data<float>()[row * grouping.names.size() + grouping.group[k]];
      most = std::max(most, values.data<float>()[row * width + k]);
    }
  }
  return result;
}

}  // namespace

std::vector<LevelFigures> level_figures(const std::vector<std::string>& class_names,
                                        const std::vector<std::vector<std::int64_t>>& confusion) {
  if (confusion.empty()) return {};
  std::vector<LevelFigures> levels;
  for (Grouping& grouping : groupings_of(class_names)) {
    const std::size_t width = grouping.names.size();
    LevelFigures figures{.level = grouping.level,
                         .names = std::move(grouping.names),
                         .interval = {},
                         .confusion = std::vector(width, std::vector<std::int64_t>(width))};
    for (std::size_t truth = 0; truth < confusion.size(); ++truth) {
      for (std::size_t answer = 0; answer < confusion.size(); ++answer) {
        const std::int64_t photos = confusion[truth][answer];
        const std::size_t of = grouping.group[truth], said = grouping.group[answer];
        figures.confusion[of][said] += photos;
        figures.photos += static_cast<std::size_t>(photos);
        if (of == said) figures.right += static_cast<std::size_t>(photos);
      }
    }
    figures.interval = wilson_interval(figures.right, figures.photos);
    if (figures.photos > 0)
      figures.accuracy = static_cast<double>(figures.right) / static_cast<double>(figures.photos);
    levels.push_back(std::move(figures));
  }
  return levels;
}

std::vector<SeveralLevelFigures> several_level_figures(const std::vector<std::string>& class_names,
                                                       const Tensor& probabilities, const Tensor& truth,
                                                       const std::vector<double>& thresholds) {
  std::vector<SeveralLevelFigures> levels;
  if (!has_nested_classes(class_names)) return levels;
  static_cast<void>(several_labels_figures(probabilities, truth, thresholds));  // that all is as it should be
  Tensor scaled = probabilities.clone();
  const auto values = scaled.data<float>();
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = beyond_threshold(values[i], thresholds[i % thresholds.size()]);
  for (Grouping& grouping : groupings_of(class_names)) {
    SeveralLabelsFigures figures =
        several_labels_figures(largest_of_group(scaled, grouping), largest_of_group(truth, grouping),
                               std::vector<double>(grouping.names.size(), 0.5));
    levels.push_back(
        {.level = grouping.level, .names = std::move(grouping.names), .figures = std::move(figures)});
  }
  return levels;
}

Json to_json(const std::vector<SeveralLevelFigures>& levels) {
  Json json = Json::array();
  for (const SeveralLevelFigures& one : levels) {
    Json row{{"level", one.level}, {"names", one.names}};
    row.update(to_json(one.figures, one.names));
    json.push_back(std::move(row));
  }
  return json;
}

Json to_json(const std::vector<LevelFigures>& levels) {
  Json json = Json::array();
  for (const LevelFigures& one : levels) {
    json.push_back({{"level", one.level},
                    {"names", one.names},
                    {"accuracy", one.accuracy},
                    {"accuracy_interval", {one.interval.low, one.interval.high}},
                    {"photos", one.photos},
                    {"confusion", one.confusion}});
  }
  return json;
}

}  // namespace graft::classify
