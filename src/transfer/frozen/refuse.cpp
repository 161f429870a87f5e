// SPDX-License-Identifier: Apache-2.0
#include "transfer/frozen/refuse.hpp"

#include "graft/base/fail.hpp"
#include "graft/transfer/earlier_run.hpp"

#include "transfer/context/networks.hpp"
#include "transfer/context/recipe_options.hpp"

namespace graft::transfer {

void refuse_with_frozen(const TrainOptions& options, const RefusedWords& words) {
  const auto refuse = [&](bool given, const char* option, const char* why = "") {
    if (given)
      fail_option(ErrorKind::unsupported, option, option, ": not possible with ", words.photos, why,
                  "; leave it out");
  };
  const bool solves = is_recipe<AutomaticRecipe>(options) || is_recipe<HeadRecipe>(options) ||
                      (words.classical_heads && is_recipe<ClassicalHeadRecipe>(options));
  refuse(!solves, is_recipe<ClassicalHeadRecipe>(options) ? "kinds" : "recipe",
         ", which train by the recipe auto or head");
  const AutomaticRecipe recipe = automatic_options(options);
  if (!words.fine_tunes) {
    refuse(recipe.budget.has_value(), "budget", ": the head alone is trained");
    refuse(recipe.always_fine_tune, "always_fine_tune", ": the head alone is trained");
    refuse(options.resume, "resume", ": nothing is kept between runs but the cache of features");
  }
  refuse(recipe.optimize.goal != Goal::accuracy, "optimize", words.optimize);
  if (words.class_weight != nullptr)
    refuse(class_weight_of(options) != ClassWeight::none, "class_weight", words.class_weight);
  if (words.calibrate != nullptr) refuse(options.calibrate.value_or(false), "calibrate", words.calibrate);
  if (!words.rejects)
    refuse(options.reject_accuracy.has_value(), "reject_accuracy", ", of which none is right or wrong");
  if (!words.recalls) refuse(!options.min_recall.empty(), "min_recall");
  refuse(options.model != kAutomaticModel && !networks_of(options).second.empty(), "model",
         " are two networks: expected one");
}

}  // namespace graft::transfer
