// SPDX-License-Identifier: Apache-2.0
#include "cli/recipe_arguments.hpp"

#include <array>
#include <string>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/transfer/earlier_run.hpp"

#include "cli/train_arguments.hpp"

namespace graft::cli {
namespace {

using transfer::RecipeName;

/// Ways of training that differ in the flags that they use.
using Way = unsigned;
constexpr Way kAutomatic = 1U << 0U;
constexpr Way kHead = 1U << 1U;
constexpr Way kClassical = 1U << 2U;
constexpr Way kTutorial = 1U << 3U;
constexpr Way kNetwork = 1U << 4U;    // the user's own network, or an earlier round, by gradient
constexpr Way kSolveHead = 1U << 5U;  // the head of such a network is solved again

/// The flags that only some ways use.
struct FlagUse {
  const char* flag;
  Way ways;              ///< combined with |
  const char* expected;  ///< in words
};
constexpr std::array kUses{
    FlagUse{"--budget", kAutomatic, "the recipe auto on a pretrained network"},
    FlagUse{"--views", kAutomatic | kHead | kSolveHead, "the recipe auto or head"},
    FlagUse{"--always-fine-tune", kAutomatic, "the recipe auto on a pretrained network"},
    FlagUse{"--optimize", kAutomatic | kHead, "the recipe auto or head on a pretrained network"},
    FlagUse{"--epochs", kAutomatic | kTutorial | kNetwork, "the recipe auto, tutorial or network"},
    FlagUse{"--learning-rate", kTutorial | kNetwork, "the recipe tutorial or network"},
    FlagUse{"--freeze", kTutorial | kNetwork, "the recipe tutorial or network"},
    FlagUse{"--fine-tune-from", kTutorial | kNetwork, "the recipe tutorial or network"},
    FlagUse{"--fine-tune-epochs", kTutorial, "the recipe tutorial"},
    FlagUse{"--fine-tune-learning-rate", kTutorial, "the recipe tutorial"},
    FlagUse{"--layer-decay", kTutorial, "the recipe tutorial"},
    FlagUse{"--unfreeze-gradually", kTutorial, "the recipe tutorial"},
    FlagUse{"--l2-sp", kTutorial, "the recipe tutorial"},
    FlagUse{"--augment", kTutorial, "the recipe tutorial"},
    FlagUse{"--batch-size", kAutomatic | kTutorial | kNetwork, "the recipe auto, tutorial or network"},
    FlagUse{"--checkpoint-seconds", kAutomatic | kTutorial | kNetwork,
            "the recipe auto, tutorial or network"},
    FlagUse{"--duplicates", kAutomatic | kHead | kClassical | kTutorial, "a pretrained network"},
    FlagUse{"--head-c", kClassical, "--head"},
    FlagUse{"--head-gamma", kClassical, "--head"},
    FlagUse{"--head-neighbours", kClassical, "--head"},
};

/// Refuses flags that the chosen way does not use. name: of the recipe, as the user knows it.
void check_flags(const CLI::App& command, Way way, const std::string& name) {
  for (const FlagUse& use : kUses) {
    if ((use.ways & way) != 0 || command.count(use.flag) == 0) continue;
    fail(ErrorKind::invalid_argument, use.flag, ": has no effect with ", name, "; expected ", use.expected,
         ", or leave it out");
  }
}

/// Flags of the tutorial's second phase, which the first one does not use.
constexpr std::array kSecondPhase{"--fine-tune-from",          "--freeze",
                                  "--fine-tune-learning-rate", "--layer-decay",
                                  "--unfreeze-gradually",      "--l2-sp"};

/// A classical head replaces the recipe.
transfer::Recipe classical_recipe(const CLI::App& command, const RecipeArguments& given) {
  if (command.count("--recipe") > 0 && given.name != RecipeName::head) {
    fail(ErrorKind::invalid_argument, "--head: replaces the recipe, so that --recipe ",
         transfer::to_string(given.name), " has no effect; leave one of them out");
  }
  check_flags(command, kClassical, "--head");
  transfer::ClassicalHeadRecipe recipe = given.classical;
  recipe.class_weight = given.class_weight;
  return recipe;
}

transfer::NetworkRecipe network_recipe(const CLI::App& command, const RecipeArguments& given) {
  return {
      .epochs = given.epochs,
      .learning_rate = given.learning_rate,
      .freeze = given.tutorial.freeze,
      .fine_tune_from = command.count("--fine-tune-from") > 0 ? given.tutorial.fine_tune_from : std::string(),
      .class_weight = given.class_weight};
}

/// Continues an earlier round: what the command line leaves out is as it was there.
transfer::Recipe round_recipe(const CLI::App& command, TrainArguments& given) {
  if (!given.recipe.classical.kinds.empty())
    fail(ErrorKind::invalid_argument, "--head: not possible with --from, which has its own head");
  transfer::RoundRecipe recipe = read_round(command, given.round, given.options);
  if (command.count("--recipe") > 0) recipe.recipe = given.recipe.name;
  const bool own = recipe.recipe == RecipeName::automatic && transfer::is_network_file(given.options);
  const bool solves = recipe.recipe == RecipeName::head || (recipe.recipe == RecipeName::automatic && !own);
  check_flags(command, solves ? kSolveHead : kNetwork,
              cat("--from where ", solves ? "the head is solved again" : "the network trains by gradient"));
  if (command.count("--views") > 0) recipe.views = given.recipe.views;
  if (command.count("--epochs") > 0) recipe.epochs = given.recipe.epochs;
  if (command.count("--learning-rate") > 0) recipe.learning_rate = given.recipe.learning_rate;
  const transfer::NetworkRecipe network = network_recipe(command, given.recipe);
  if (command.count("--class-weight") > 0) recipe.class_weight = given.recipe.class_weight;
  recipe.freeze = network.freeze;
  recipe.fine_tune_from = network.fine_tune_from;
  return recipe;
}

/// Weights by name are those of pretrained networks.
void check_own_weights(const CLI::App& command, const transfer::TrainOptions& options) {
  if (command.count("--weights") == 0 || (options.weights != "imagenet" && options.weights != "none")) return;
  fail(ErrorKind::invalid_argument, "--weights ", options.weights,
       ": has no effect with a network of your own, ", options.model,
       "; expected a file of weights, or leave it out");
}

/// A network of the user's own.
transfer::Recipe own_network_recipe(const CLI::App& command, const RecipeArguments& given) {
  if (given.name == RecipeName::head) {
    check_flags(command, kSolveHead, "--recipe head on a network of your own");
    return transfer::HeadRecipe{.views = given.views, .class_weight = given.class_weight};
  }
  if (given.name == RecipeName::tutorial) {
    fail(ErrorKind::invalid_argument,
         "--recipe tutorial: expected a pretrained network by name; for a network of your own use --recipe "
         "network, with --freeze or --fine-tune-from to keep layers, and --learning-rate 1e-5");
  }
  check_flags(command, kNetwork, "a network of your own");
  return network_recipe(command, given);  // auto means network here, and is recorded so
}

}  // namespace

void add_learning_rate_options(CLI::App& command, RecipeArguments& recipe) {
  const CLI::Range rates(1e-12, 1e3);
  command
      .add_option("--learning-rate", recipe.learning_rate,
                  "network: default 1e-3, or 1e-5 to continue a tutorial with --from; tutorial: of the head, "
                  "default 1e-4")
      ->check(rates)
      ->type_name("RATE");
  command
      .add_option("--fine-tune-learning-rate", recipe.tutorial.fine_tune_learning_rate,
                  "tutorial: of the second phase; default: a tenth of --learning-rate")
      ->check(rates)
      ->type_name("RATE");
}

transfer::Recipe choose_recipe(const CLI::App& command, TrainArguments& given) {
  const RecipeArguments& recipe = given.recipe;
  if (!given.round.from.empty()) return round_recipe(command, given);
  if (!given.round.rehearse.empty())
    fail(ErrorKind::invalid_argument, "--rehearse: expected --from DIR too, the result to continue from");
  if (recipe.budget && command.count("--checkpoint-seconds") > 0) {
    fail(ErrorKind::invalid_argument,
         "--checkpoint-seconds: has no effect with --budget, which keeps no checkpoints; leave it out");
  }
  if (!recipe.classical.kinds.empty()) return classical_recipe(command, recipe);
  if (transfer::is_network_file(given.options)) {
    check_own_weights(command, given.options);
    return own_network_recipe(command, recipe);
  }
  switch (recipe.name) {
    case RecipeName::automatic:
      check_flags(command, kAutomatic, "the recipe auto");
      return transfer::AutomaticRecipe{.epochs = recipe.epochs,
                                       .views = recipe.views,
                                       .class_weight = recipe.class_weight,
                                       .optimize = transfer::parse_objective(recipe.optimize),
                                       .always_fine_tune = recipe.always_fine_tune,
                                       .budget = recipe.budget};
    case RecipeName::head:
      check_flags(command, kHead, "the recipe head");
      return transfer::HeadRecipe{.views = recipe.views,
                                  .class_weight = recipe.class_weight,
                                  .optimize = transfer::parse_objective(recipe.optimize)};
    case RecipeName::network:
      return transfer::NetworkRecipe{};  // refused for a pretrained network
    case RecipeName::tutorial:
      break;
  }
  check_flags(command, kTutorial, "the recipe tutorial");
  if (recipe.tutorial.fine_tune_epochs == 0) {
    for (const char* flag : kSecondPhase) {
      if (command.count(flag) > 0)
        fail(
            ErrorKind::invalid_argument, flag,
            ": has no effect with --fine-tune-epochs 0, which leaves the second phase out; leave it out too");
    }
  }
  transfer::TutorialRecipe tutorial = recipe.tutorial;
  tutorial.epochs = recipe.epochs;
  tutorial.learning_rate = recipe.learning_rate;
  tutorial.class_weight = recipe.class_weight;
  return tutorial;
}

}  // namespace graft::cli
