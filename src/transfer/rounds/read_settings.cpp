// SPDX-License-Identifier: Apache-2.0
// The options of a run from its settings.json: the reverse of settings_json().
#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/applications/pixels.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/train.hpp"

#include "transfer/result/settings.hpp"
#include "transfer/rounds/round_model.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;

template <typename T>
void take(const Json& json, const char* key, T& value) {
  if (json.contains(key) && !json.at(key).is_null()) value = json.at(key).get<T>();
}

template <typename T>
void take(const Json& json, const char* key, std::optional<T>& value) {
  if (json.contains(key) && !json.at(key).is_null()) value = json.at(key).get<T>();
}

ClassicalHeadRecipe classical_recipe(const Json& settings) {
  const Json& head = settings.at("head");
  ClassicalHeadRecipe recipe{.class_weight = class_weight_in(settings)};
  for (const Json& kind : head.value("kinds", Json::array()))
    recipe.kinds.push_back(parse_head_kind(kind.get<std::string>()));
  take(head, "folds", recipe.folds);
  take(head, "c", recipe.c);
  take(head, "gamma", recipe.gamma);
  take(head, "neighbours", recipe.neighbours);
  return recipe;
}

TutorialRecipe tutorial_recipe(const Json& settings) {
  const Json& tuning = settings.at("tuning");
  TutorialRecipe recipe{.class_weight = class_weight_in(settings)};
  take(settings, "epochs", recipe.epochs);
  take(settings, "fine_tune_epochs", recipe.fine_tune_epochs);
  take(settings, "fine_tune_from", recipe.fine_tune_from);
  take(settings.at("rounds"), "learning_rate", recipe.learning_rate);
  take(tuning, "freeze", recipe.freeze);
  take(tuning, "layer_decay", recipe.layer_decay);
  take(tuning, "unfreeze_groups", recipe.unfreeze_groups);
  take(tuning, "l2_sp", recipe.l2_sp);
  take(tuning, "augment", recipe.augment);
  take(tuning, "fine_tune_learning_rate", recipe.fine_tune_learning_rate);
  return recipe;
}

/// The options that networks of the user's own and later rounds share.
template <typename Gradient>
void take_gradient(const Json& settings, Gradient& recipe) {
  take(settings, "epochs", recipe.epochs);
  take(settings.at("rounds"), "learning_rate", recipe.learning_rate);
  take(settings.at("tuning"), "freeze", recipe.freeze);
  // Files of earlier versions have the tutorial's default without a layer, which these recipes do not use.
  if (settings.value("fine_tune_from", "") != TutorialRecipe{}.fine_tune_from)
    take(settings, "fine_tune_from", recipe.fine_tune_from);
  recipe.class_weight = class_weight_in(settings);
}

RoundRecipe round_recipe(const Json& settings, RecipeName name) {
  const Json& rounds = settings.at("rounds");
  RoundRecipe recipe{.from = rounds.at("from").get<std::string>(), .recipe = name};
  for (const Json& folder : rounds.value("rehearse", Json::array()))
    recipe.rehearse_folders.emplace_back(folder.get<std::string>());
  take(rounds, "rehearse_per_class", recipe.rehearse_per_class);
  take(settings, "views", recipe.views);
  take_gradient(settings, recipe);
  return recipe;
}

Objective objective_in(const Json& settings) {
  return parse_objective(settings.value("optimize", "accuracy"));
}

Recipe recipe_in(const Json& settings) {
  const RecipeName name = recipe_from_name(settings.at("recipe").get<std::string>());
  if (!settings.at("rounds").value("from", "").empty()) return round_recipe(settings, name);
  if (!settings.at("head").value("kinds", Json::array()).empty()) return classical_recipe(settings);
  switch (name) {
    case RecipeName::tutorial:
      return tutorial_recipe(settings);
    case RecipeName::network: {
      NetworkRecipe recipe;
      take_gradient(settings, recipe);
      return recipe;
    }
    case RecipeName::head:
      return HeadRecipe{.views = settings.value("views", HeadRecipe{}.views),
                        .class_weight = class_weight_in(settings),
                        .optimize = objective_in(settings)};
    case RecipeName::automatic:
      break;
  }
  AutomaticRecipe recipe{.class_weight = class_weight_in(settings)};
  take(settings, "epochs", recipe.epochs);
  take(settings, "views", recipe.views);
  take(settings, "budget", recipe.budget);
  take(settings, "always_fine_tune", recipe.always_fine_tune);
  recipe.optimize = objective_in(settings);
  return recipe;
}

EvaluationOptions evaluation_in(const Json& json) {
  EvaluationOptions evaluation;
  const std::string duplicates = json.value("duplicates", "report");
  evaluation.duplicates = duplicates == "drop"     ? Duplicates::drop
                          : duplicates == "ignore" ? Duplicates::ignore
                                                   : Duplicates::report;
  take(json, "group_by", evaluation.group_by);
  take(json, "folds", evaluation.folds);
  take(json, "seeds", evaluation.seeds);
  return evaluation;
}

void take_labels(const Json& json, data::LabelSource& labels) {
  labels.file = json.value("file", "");
  take(json, "path", labels.columns.path);
  take(json, "label", labels.columns.label);
  take(json, "split", labels.columns.split);
  take(json, "group", labels.columns.group);
  take(json, "weight", labels.columns.weight);
  take(json, "from_name", labels.from_name);
  take(json, "several", labels.several);
  take(json, "separator", labels.separator);
  take(json, "targets", labels.targets);
}

SavedSettings settings_in(const Json& json) {
  SavedSettings saved{.photos = json.at("photos").get<std::string>()};
  TrainOptions& options = saved.options;
  take_photo_settings(json, options);
  options.weights = json.at("weights").get<std::string>();
  options.alpha = json.value("alpha", 1.0);
  options.image_size = Size2D{json.at("image_size").at(0).get<std::int64_t>(),
                              json.at("image_size").at(1).get<std::int64_t>()};
  options.recipe = recipe_in(json);
  options.evaluation = evaluation_in(json.at("honest"));
  options.test = json.at("test").get<std::string>();
  options.validation = json.at("validation").get<std::string>();
  options.calibrate = json.at("tuning").value("calibrate", false);
  take(json, "reject_accuracy", options.reject_accuracy);
  for (const Json& wanted : json.value("min_recall", Json::array())) {
    options.min_recall.push_back(
        {.class_name = wanted.at("class").get<std::string>(), .recall = wanted.at("recall").get<double>()});
  }
  if (json.contains("pixels")) {
    const std::string name = json.at("pixels").get<std::string>();
    const auto* const found =
        std::ranges::find(applications::kPixels, name, &applications::NamedPixels::name);
    if (found != applications::kPixels.end()) options.pixels = found->pixels;
  }
  // What "auto" chose, and the number of threads, so that the same machine computes the same bits.
  if (json.contains("used")) {
    take(json.at("used"), "precision", options.precision);
    take(json.at("used"), "threads", options.threads);
  }
  options.bfloat16_exchange = json.value("exchange", "float32") == "bfloat16";
  take(json, "class_folders", options.listing.class_names);
  take(json, "exclude", options.listing.exclude);
  take(json, "nested", options.listing.nested);
  take(json, "follow_links", options.listing.follow_links);
  if (json.contains("labels")) take_labels(json.at("labels"), options.listing.labels);
  return saved;
}

}  // namespace

SavedSettings read_settings(const fs::path& from) {
  std::error_code ignored;
  const fs::path file = fs::is_directory(from, ignored) ? from / "settings.json" : from;
  const Json json = read_json_file(file);
  try {
    return settings_in(json);
  } catch (const Json::exception& problem) {
    fail(ErrorKind::bad_file, file.string(), " is not as graft train writes it: ", problem.what());
  }
}

}  // namespace graft::transfer
