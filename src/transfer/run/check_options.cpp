// SPDX-License-Identifier: Apache-2.0
#include "transfer/run/check_options.hpp"

#include <algorithm>
#include <initializer_list>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/views.hpp"
#include "graft/execution.hpp"
#include "graft/transfer/earlier_run.hpp"

#include "transfer/context/networks.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/rounds/round_model.hpp"

namespace graft::transfer {
namespace {

/// What the clock decided cannot be repeated bit by bit.
void check_budget(const AutomaticRecipe& recipe, const TrainOptions& options) {
  if (!recipe.budget) return;
  if (is_network_file(options)) {
    fail_option(ErrorKind::invalid_argument, "budget",
                "budget: expected a pretrained network; leave the budget out for a network of your own");
  }
  if (options.resume) {
    fail_option(
        ErrorKind::invalid_argument, "resume",
        "resume: not possible with a budget: what the clock decided cannot be repeated bit by bit; leave the "
        "budget out, or start again");
  }
  if (options.ranks) {
    fail_option(
        ErrorKind::invalid_argument, "budget",
        "budget: not possible with several ranks, whose clocks would decide differently; leave it out");
  }
  if (!(*recipe.budget > 0))
    fail_option(ErrorKind::invalid_argument, "budget", "budget: expected more than 0 seconds, received ",
                *recipe.budget);
}

/// One recipe's own options.
struct CheckRecipe {
  const TrainOptions& options;

  void operator()(const AutomaticRecipe& recipe) const {
    check_budget(recipe, options);
    check_goal(recipe);
    if (recipe.always_fine_tune) needs_pretrained("always_fine_tune");
    classify::check_views(recipe.views);
    if (is_network_file(options) && recipe.views != AutomaticRecipe{}.views) no_views();
  }
  void operator()(const HeadRecipe& recipe) const {
    check_goal(recipe);
    classify::check_views(recipe.views);
  }
  void operator()(const ClassicalHeadRecipe& recipe) const {
    needs_pretrained("head");
    const auto weighted = [](HeadKind kind) { return kind != HeadKind::knn && kind != HeadKind::centroid; };
    const auto nested = [](HeadKind kind) { return kind == HeadKind::rbf_svm || kind == HeadKind::knn; };
    const std::vector<HeadKind>& kinds = recipe.kinds;
    if (recipe.class_weight != ClassWeight::none && !kinds.empty() && std::ranges::none_of(kinds, weighted)) {
      fail_option(ErrorKind::invalid_argument, "class_weight",
                  "class_weight: expected one of the heads logistic, linear_svm and rbf_svm, or the tutorial "
                  "recipe");
    }
    const auto among = [&](std::initializer_list<HeadKind> some) {
      return std::ranges::any_of(kinds,
                                 [&](HeadKind kind) { return std::ranges::find(some, kind) != some.end(); });
    };
    const auto refuse = [](const char* option, const char* expected) {
      fail_option(ErrorKind::invalid_argument, option, option, ": has no effect with this head; expected ",
                  expected, ", or leave it out");
    };
    if (recipe.c && !among({HeadKind::logistic, HeadKind::linear_svm, HeadKind::rbf_svm}))
      refuse("c", "logistic, linear_svm or rbf_svm");
    if (recipe.gamma && !among({HeadKind::rbf_svm})) refuse("gamma", "rbf_svm");
    if (recipe.neighbours && !among({HeadKind::knn})) refuse("neighbours", "knn");
    // A temperature goes into the weights of a last Dense layer.
    if (options.calibrate.value_or(false) && (kinds.empty() || std::ranges::any_of(kinds, nested))) {
      fail_option(ErrorKind::invalid_argument, "calibrate",
                  "calibrate: expected a model that ends in a Dense layer: choose the head logistic, "
                  "linear_svm or centroid, or do not calibrate");
    }
  }
  void operator()(const TutorialRecipe& recipe) const {
    needs_pretrained("recipe");
    if (recipe.class_weight != ClassWeight::none && augment_from_names(recipe.augment).mixes_labels) {
      fail_option(
          ErrorKind::invalid_argument, "class_weight",
          "class_weight: has no effect with mixup and cutmix, which mix the labels; leave one of them out");
    }
  }
  void operator()(const NetworkRecipe&) const {
    if (is_network_file(options)) return;
    fail_option(ErrorKind::invalid_argument, "recipe", "recipe network: expected a network of your own (a ",
                ".keras, .h5, .json, .onnx or .tflite file) as the model, received '", options.model,
                "'; for a pretrained network use auto, or tutorial with fine_tune_from 0");
  }
  void operator()(const RoundRecipe& recipe) const {
    if (recipe.from.empty())
      fail_option(ErrorKind::invalid_argument, "from",
                  "from: expected an earlier result folder or model file");
    classify::check_views(recipe.views);
    const ContinuationPlan plan = continuation_plan(options);
    if (plan.solves_head && !(recipe.freeze.empty() && recipe.fine_tune_from.empty())) {
      fail_option(ErrorKind::invalid_argument, recipe.freeze.empty() ? "fine_tune_from" : "freeze",
                  recipe.freeze.empty() ? "fine_tune_from" : "freeze",
                  ": has no effect where only the head is solved again; leave it out, or use recipe network");
    }
    if (!plan.solves_head && recipe.views != RoundRecipe{}.views) no_views();
  }

 private:
  template <typename Solved>
  void check_goal(const Solved& recipe) const {
    if (recipe.optimize.goal == Goal::accuracy) return;
    needs_pretrained("optimize");
    if (recipe.class_weight == ClassWeight::none) return;
    fail_option(ErrorKind::invalid_argument, "class_weight", "class_weight: has no effect with optimize ",
                to_string(recipe.optimize), ", which weighs the classes itself; leave one of them out");
  }
  void needs_pretrained(const char* option) const {
    if (!is_network_file(options)) return;
    fail_option(ErrorKind::invalid_argument, option, option,
                ": expected a pretrained network by name; a network of your own trains by the recipe network "
                "(all that is trainable, for example with learning_rate 1e-5) or head");
  }
  [[noreturn]] static void no_views() {
    fail_option(ErrorKind::invalid_argument, "views",
                "views: expected the recipe auto or head, whose features are cached; leave it out");
  }
};

/// One network by its name has a width.
void check_alpha(const TrainOptions& options) {
  if (options.alpha == 1) return;
  const bool named = options.model != kAutomaticModel && networks_of(options).second.empty();
  if (named && !continues_model(options)) return;
  fail_option(
      ErrorKind::invalid_argument, "alpha",
      "alpha: expected one network by its name as the model (MobileNet, MobileNetV2, MobileNetV3), received ",
      continues_model(options) ? "a model file" : options.model);
}

/// Later rounds and user-defined networks choose their own parts.
void check_round(const TrainOptions& options) {
  const EvaluationOptions& evaluation = options.evaluation;
  if (options.calibrate.value_or(false) && !solves_head(options))
    fail_option(
        ErrorKind::invalid_argument, "calibrate",
        "calibrate: expected a head that is solved; not possible where your own network, or an earlier "
        "round of the tutorial's model, is trained by gradient");
  if (evaluation.folds == 0 && evaluation.seeds == 1 && evaluation.duplicates != Duplicates::drop) return;
  fail(ErrorKind::invalid_argument,
       "folds, seeds and duplicates drop: not possible with an earlier round or your own network");
}

}  // namespace

void check_options(const TrainOptions& options) {
  std::visit(CheckRecipe{options}, options.recipe);
  if (options.precision != "auto" && dtype_policy_from_name(options.precision) == DTypePolicy::int8) {
    fail_option(
        ErrorKind::invalid_argument, "precision",
        "precision: int8 is for finished models; train in float32 or mixed_bfloat16, then graft quantize");
  }
  if (options.bfloat16_exchange && !options.ranks) {
    fail_option(ErrorKind::invalid_argument, "exchange",
                "exchange: has no effect in one process; start several with mpirun, or leave it out");
  }
  check_alpha(options);
  for (std::size_t i = 0; i < options.min_recall.size(); ++i) {
    const MinRecall& wanted = options.min_recall[i];
    static_cast<void>(fewest_for_recall(wanted.recall));
    const auto before = options.min_recall.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find_if(options.min_recall.begin(), before, [&](const MinRecall& other) {
          return other.class_name == wanted.class_name;
        }) != before) {
      fail_option(ErrorKind::invalid_argument, "min_recall",
                  "min_recall: expected each class once, received '", printable(wanted.class_name),
                  "' twice");
    }
  }
  if (options.reject_accuracy && !(*options.reject_accuracy > 0 && *options.reject_accuracy < 1)) {
    fail_option(ErrorKind::invalid_argument, "reject_accuracy",
                "reject_accuracy: expected an accuracy above 0 and below 1, received ",
                *options.reject_accuracy);
  }
  if (continues_model(options)) return check_round(options);
  if (options.evaluation.folds == 1 || options.evaluation.seeds < 1) {
    fail(ErrorKind::invalid_argument, "folds and seeds: expected at least 2 folds and 1 seed, received ",
         options.evaluation.folds, " and ", options.evaluation.seeds);
  }
}

}  // namespace graft::transfer
