// SPDX-License-Identifier: Apache-2.0
// Accuracy where several classes count as one: animal of animal/cat and animal/dog.
#include <algorithm>
#include <map>

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"

namespace graft::classify {
namespace {

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
  std::vector<std::string> names;
  std::vector<std::size_t> group;
};

Grouping group_by(const std::vector<std::string>& class_names, std::size_t level) {
  Grouping grouping;
  std::map<std::string, std::size_t> places;
  for (const std::string& name : class_names) {
    const std::string first = first_names(name, level);
    const auto [found, fresh] = places.emplace(first, grouping.names.size());
    grouping.group.push_back(found->second);
    if (fresh) grouping.names.push_back(first);
  }
  return grouping;
}

}  // namespace

std::vector<LevelFigures> level_figures(const std::vector<std::string>& class_names,
                                        const std::vector<std::vector<std::int64_t>>& confusion) {
  if (confusion.empty()) return {};
  std::size_t depth = 0;
  for (const std::string& name : class_names)
    depth = std::max(depth, static_cast<std::size_t>(std::ranges::count(name, '/')) + 1);
  const std::size_t all = group_by(class_names, depth).names.size();
  std::vector<LevelFigures> levels;
  for (std::size_t level = 1; level < depth; ++level) {
    Grouping grouping = group_by(class_names, level);
    if (grouping.names.size() < 2 || grouping.names.size() == all) continue;
    const std::size_t width = grouping.names.size();
    LevelFigures figures{.level = level,
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
