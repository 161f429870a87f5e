// SPDX-License-Identifier: Apache-2.0
#include "transfer/measure/objective.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/measure/class_weights.hpp"

namespace graft::transfer {
namespace {

constexpr std::string_view kRecall = "recall=";

std::size_t index_of(const std::string& class_name, const std::vector<std::string>& class_names) {
  const auto found = std::ranges::find(class_names, class_name);
  if (found == class_names.end()) {
    fail_option(ErrorKind::invalid_argument, "optimize", "optimize: there is no class '", class_name,
                "'; expected recall= and one of ", comma_list(class_names));
  }
  return static_cast<std::size_t>(found - class_names.begin());
}

/// Half of all weight for one class, the other half for all other photos alike.
std::vector<double> weights_of_recall(std::span<const int> labels, std::size_t classes, std::size_t wanted) {
  const auto all = static_cast<double>(labels.size());
  const auto own = static_cast<double>(std::ranges::count(labels, static_cast<int>(wanted)));
  std::vector<double> weights(classes, all / (2 * std::max(all - own, 1.0)));
  weights[wanted] = all / (2 * std::max(own, 1.0));
  return weights;
}

}  // namespace

std::string to_string(const Objective& objective) {
  if (objective.goal == Goal::balanced) return "balanced";
  return objective.goal == Goal::recall ? cat(kRecall, objective.class_name) : "accuracy";
}

Objective parse_objective(const std::string& name) {
  if (name == "accuracy") return {};
  if (name == "balanced") return {.goal = Goal::balanced};
  if (name.starts_with(kRecall) && name.size() > kRecall.size())
    return {.goal = Goal::recall, .class_name = name.substr(kRecall.size())};
  fail_option(ErrorKind::invalid_argument, "optimize",
              "optimize: expected accuracy, balanced or recall=CLASS", ", received '", name, "'");
}

void check_objective(const TrainOptions& options, const std::vector<std::string>& class_names) {
  const Objective objective = objective_of(options);
  if (objective.goal == Goal::recall) (void)index_of(objective.class_name, class_names);
}

std::vector<double> weights_of_classes(const TrainOptions& options, std::span<const int> labels,
                                       const std::vector<std::string>& class_names) {
  const Objective objective = objective_of(options);
  const std::size_t classes = class_names.size();
  if (objective.goal == Goal::recall)
    return weights_of_recall(labels, classes, index_of(objective.class_name, class_names));
  const bool balanced = objective.goal == Goal::balanced;
  return class_weights_or_none(labels, classes, balanced ? ClassWeight::balanced : class_weight_of(options));
}

}  // namespace graft::transfer
