// SPDX-License-Identifier: Apache-2.0
#include "transfer/result/settings.hpp"

#include <array>
#include <initializer_list>
#include <span>
#include <utility>

#include "graft/applications/pixels.hpp"

#include "transfer/context/recipe_options.hpp"

namespace graft::transfer {

std::string_view to_string(RecipeName name) {
  switch (name) {
    case RecipeName::automatic:
      return "auto";
    case RecipeName::head:
      return "head";
    case RecipeName::tutorial:
      return "tutorial";
    case RecipeName::network:
      return "network";
  }
  return "auto";
}

namespace {

/// The options of all recipes side by side, as the file has them; defaults where the recipe has none.
struct FlatRecipe {
  RecipeName name = RecipeName::automatic;
  ClassicalHeadRecipe head{};
  TutorialRecipe tutorial{};
  RoundRecipe round{};
  int views = AutomaticRecipe{}.views;
  std::int64_t epochs = AutomaticRecipe{}.epochs;
  double learning_rate = 0;
  std::optional<double> budget{};
};

/// Copies the options of one recipe.
struct Flatten {
  FlatRecipe& flat;

  void operator()(const AutomaticRecipe& recipe) const {
    flat.views = recipe.views;
    flat.head.class_weight = recipe.class_weight;
    flat.epochs = recipe.epochs;
    flat.budget = recipe.budget;
  }
  void operator()(const HeadRecipe& recipe) const {
    flat.name = RecipeName::head;
    flat.views = recipe.views;
    flat.head.class_weight = recipe.class_weight;
  }
  void operator()(const ClassicalHeadRecipe& recipe) const { flat.head = recipe; }
  void operator()(const TutorialRecipe& recipe) const {
    flat.name = RecipeName::tutorial;
    flat.tutorial = recipe;
    flat.epochs = recipe.epochs;
    flat.learning_rate = recipe.learning_rate;
    flat.head.class_weight = recipe.class_weight;
  }
  void operator()(const NetworkRecipe& recipe) const {
    flat.name = RecipeName::network;
    by_gradient(recipe);
  }
  void operator()(const RoundRecipe& recipe) const {
    flat.name = recipe.recipe;
    flat.round = recipe;
    flat.views = recipe.views;
    by_gradient(recipe);
  }

 private:
  template <typename Gradient>
  void by_gradient(const Gradient& recipe) const {
    flat.epochs = recipe.epochs;
    flat.learning_rate = recipe.learning_rate;
    flat.head.class_weight = recipe.class_weight;
    flat.tutorial.freeze = recipe.freeze;
    if (!recipe.fine_tune_from.empty()) flat.tutorial.fine_tune_from = recipe.fine_tune_from;
  }
};

Json head_json(const ClassicalHeadRecipe& head) {
  Json kinds = Json::array();
  for (const HeadKind kind : head.kinds) kinds.push_back(to_string(kind));
  Json json{{"kinds", std::move(kinds)}, {"folds", head.folds}};
  if (head.c) json["c"] = *head.c;
  if (head.gamma) json["gamma"] = *head.gamma;
  if (head.neighbours) json["neighbours"] = *head.neighbours;
  json["class_weight"] = head.class_weight == ClassWeight::balanced ? "balanced" : "none";
  return json;
}

Json evaluation_json(const EvaluationOptions& evaluation) {
  const auto* const duplicates = evaluation.duplicates == Duplicates::report ? "report"
                                 : evaluation.duplicates == Duplicates::drop ? "drop"
                                                                             : "ignore";
  return {{"duplicates", duplicates},
          {"group_by", evaluation.group_by},
          {"folds", evaluation.folds},
          {"seeds", evaluation.seeds}};
}

Json tuning_json(const TutorialRecipe& tutorial, bool calibrate) {
  Json json{{"freeze", tutorial.freeze},
            {"layer_decay", tutorial.layer_decay},
            {"unfreeze_groups", tutorial.unfreeze_groups},
            {"l2_sp", tutorial.l2_sp},
            {"augment", tutorial.augment},
            {"calibrate", calibrate}};
  if (tutorial.fine_tune_learning_rate > 0)
    json["fine_tune_learning_rate"] = tutorial.fine_tune_learning_rate;
  return json;
}

std::string absolute_or_empty(const std::filesystem::path& path) {
  return path.empty() ? std::string() : std::filesystem::absolute(path).string();
}

Json labels_json(const data::LabelSource& labels) {
  return {{"file", absolute_or_empty(labels.file)}, {"path", labels.columns.path},
          {"label", labels.columns.label},          {"split", labels.columns.split},
          {"group", labels.columns.group},          {"weight", labels.columns.weight},
          {"from_name", labels.from_name},          {"several", labels.several},
          {"separator", labels.separator},          {"targets", labels.targets}};
}

Json rounds_settings(const RoundRecipe& round, double learning_rate) {
  Json folders = Json::array();
  for (const std::filesystem::path& folder : round.rehearse_folders)
    folders.push_back(std::filesystem::absolute(folder).string());
  return {{"from", round.from.empty() ? "" : std::filesystem::absolute(round.from).string()},
          {"rehearse", std::move(folders)},
          {"rehearse_per_class", round.rehearse_per_class ? Json(*round.rehearse_per_class) : Json()},
          {"learning_rate", learning_rate}};
}

/// Removes what the recipe did not use: the file has no values that had no effect.
class DropUnused {
 public:
  DropUnused(Json& settings, const TrainOptions& options) : settings_(settings), options_(options) {}

  void operator()(const AutomaticRecipe&) const { drop({kClassical, kRates, kTutorial, kFreeze, kRound}); }
  void operator()(const HeadRecipe&) const { drop({kClassical, kRates, kSteps, kTutorial, kFreeze, kRound}); }
  void operator()(const ClassicalHeadRecipe&) const {
    drop({kViews, kRates, kSteps, kTutorial, kFreeze, kRound});
  }
  void operator()(const TutorialRecipe& recipe) const {
    drop({kClassical, kViews, kRound});
    // The rates that were used, also where they are the defaults.
    settings_["rounds"]["learning_rate"] = head_rate(recipe);
    settings_["tuning"]["fine_tune_learning_rate"] = fine_tune_rate(recipe);
  }
  void operator()(const NetworkRecipe& recipe) const {
    drop({kClassical, kViews, kTutorial, kRound});
    if (recipe.fine_tune_from.empty()) settings_.erase("fine_tune_from");
  }
  void operator()(const RoundRecipe& recipe) const {
    drop({kClassical, kTutorial});
    if (recipe.fine_tune_from.empty()) settings_.erase("fine_tune_from");
    if (solves_head(recipe, options_))
      drop({kRates, kSteps, kFreeze});
    else
      drop({kViews});
  }

 private:
  struct Key {
    const char* object;  ///< that it is in; empty: the settings themselves
    const char* name;
  };
  using Keys = std::span<const Key>;
  static constexpr std::array<Key, 2> kClassical{{{"head", "kinds"}, {"head", "folds"}}};
  static constexpr std::array<Key, 1> kViews{{{"", "views"}}};
  static constexpr std::array<Key, 1> kRates{{{"rounds", "learning_rate"}}};
  static constexpr std::array<Key, 2> kSteps{{{"", "epochs"}, {"", "batch_size"}}};
  static constexpr std::array<Key, 6> kTutorial{{{"", "fine_tune_epochs"},
                                                 {"tuning", "layer_decay"},
                                                 {"tuning", "unfreeze_groups"},
                                                 {"tuning", "l2_sp"},
                                                 {"tuning", "augment"},
                                                 {"tuning", "fine_tune_learning_rate"}}};
  static constexpr std::array<Key, 2> kFreeze{{{"", "fine_tune_from"}, {"tuning", "freeze"}}};
  static constexpr std::array<Key, 2> kRound{{{"rounds", "rehearse"}, {"rounds", "rehearse_per_class"}}};

  void drop(std::initializer_list<Keys> groups) const {
    for (const Keys keys : groups) {
      for (const Key& key : keys) (*key.object == 0 ? settings_ : settings_[key.object]).erase(key.name);
    }
  }

  Json& settings_;
  const TrainOptions& options_;
};

}  // namespace

Json settings_json(const TrainOptions& options, const std::filesystem::path& photos, Size2D size) {
  FlatRecipe recipe;
  std::visit(Flatten{recipe}, options.recipe);
  Json settings{{"photos", std::filesystem::absolute(photos).string()},
                {"model", options.model},
                {"weights", options.weights},
                {"image_size", {size.height, size.width}},
                {"recipe", std::string(to_string(recipe.name))},
                {"head", head_json(recipe.head)},
                {"honest", evaluation_json(options.evaluation)},
                {"test", absolute_or_empty(options.test)},
                {"validation", absolute_or_empty(options.validation)},
                {"seed", options.seed},
                {"precision", options.precision},
                {"batch_size", options.batch_size},
                {"views", recipe.views},
                {"epochs", recipe.epochs},
                {"fine_tune_from", recipe.tutorial.fine_tune_from},
                {"fine_tune_epochs", recipe.tutorial.fine_tune_epochs},
                {"tuning", tuning_json(recipe.tutorial, calibrates(options))},
                {"exif", std::string(data::to_string(options.exif))},
                {"jpeg_scale", std::string(data::to_string(options.jpeg_scale))},
                {"rounds", rounds_settings(recipe.round, recipe.learning_rate)}};
  if (options.alpha != 1) settings["alpha"] = options.alpha;
  if (options.pixels) settings["pixels"] = applications::pixels_name(*options.pixels);
  if (const Objective objective = objective_of(options); objective.goal != Goal::accuracy)
    settings["optimize"] = to_string(objective);
  if (options.reject_accuracy) settings["reject_accuracy"] = *options.reject_accuracy;
  for (const MinRecall& wanted : options.min_recall)
    settings["min_recall"].push_back({{"class", wanted.class_name}, {"recall", wanted.recall}});
  if (automatic_options(options).always_fine_tune) settings["always_fine_tune"] = true;
  if (recipe.budget) settings["budget"] = *recipe.budget;
  if (!options.listing.class_names.empty()) settings["class_folders"] = options.listing.class_names;
  if (!options.listing.exclude.empty()) settings["exclude"] = options.listing.exclude;
  if (options.listing.nested) settings["nested"] = true;
  if (options.listing.follow_links) settings["follow_links"] = true;
  if (options.listing.labels.given() || options.listing.labels.several)
    settings["labels"] = labels_json(options.listing.labels);
  if (options.pixel_type == data::PixelType::float32)
    settings["pixel_type"] = std::string(data::to_string(options.pixel_type));
  if (options.bfloat16_exchange) settings["exchange"] = "bfloat16";
  std::visit(DropUnused(settings, options), options.recipe);
  return settings;
}

}  // namespace graft::transfer
