// SPDX-License-Identifier: Apache-2.0
// Frozen features once, and a classical head on them, its kind and settings chosen by cross-validation.
#include <algorithm>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/layers.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/base/precision.hpp"
#include "transfer/features/features.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/state/recipe_run.hpp"

namespace graft::transfer {
namespace {

std::string in_words(const HeadOptions& options) {
  std::string text(to_string(options.kind));
  const Json json = to_json(options);
  for (const auto& [key, value] : json.items()) {
    if (key == "kind") continue;
    text += cat(", ", key, " ", value.is_number_float() ? cat(value.get<double>()) : value.dump());
  }
  return text;
}

double accuracy_of(const std::vector<int>& said, const std::vector<int>& truth) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) right += said[i] == truth[i] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(truth.size());
}

/// Trials by kind: its best.
Json best_of_each(const HeadSearch& search) {
  Json best = Json::object();
  for (const TriedHead& trial : search.tried) {
    Json& entry = best[std::string(to_string(trial.options.kind))];
    if (entry.is_null() || trial.accuracy > entry["accuracy"].get<double>()) {
      entry = to_json(trial.options);
      entry.erase("kind");
      entry["accuracy"] = trial.accuracy;
    }
  }
  return best;
}

Json search_json(const HeadSearch& search) {
  Json tried = Json::array();
  for (const TriedHead& trial : search.tried) {
    Json row = to_json(trial.options);
    row["accuracy"] = trial.accuracy;
    row["by_fold"] = trial.by_fold;
    tried.push_back(std::move(row));
  }
  return {{"photos", search.rows}, {"folds", search.folds}, {"best", best_of_each(search)}, {"tried", tried}};
}

class HeadRecipe {
 public:
  explicit HeadRecipe(const RecipeRun& run) : run_(run) {}

  void run() {
    run_.reporter.enter("model");
    base_ = make_base(run_.options, run_.result.image_size);
    set_precision(run_.result, base_, run_.photos, run_.options, run_.reporter);
    build_features();
    run_.note(cat("model ", base_.application->keras_name, " ", run_.result.image_size.height, " x ",
                  run_.result.image_size.width, ", ", base_.loaded));
    run_.reporter.enter("features");
    const Tensor train = compute(run_.photos.train, "features");
    const Tensor validation = compute(run_.photos.validation, "features, validation");
    run_.reporter.enter("head");
    const HeadOptions chosen = choose(train);
    const std::vector<int> labels = run_.photos.train.labels();
    const std::vector<int> validation_labels = run_.photos.validation.labels();
    run_.result.validation_accuracy =
        accuracy_of(fit_head(train, labels, chosen).predict(validation), validation_labels);
    run_.note(cat("head ", in_words(chosen), ": validation ", percent(run_.result.validation_accuracy)));
    run_.result.history->push_back(
        {{"epoch", 0}, {"phase", "head"}, {"val_accuracy", run_.result.validation_accuracy}});
    std::vector<int> all = labels;
    all.insert(all.end(), validation_labels.begin(), validation_labels.end());
    finish(fit_head(stack(train, validation), all, chosen), chosen);
  }

 private:
  /// Raw photo -> preprocessing -> base -> pooling.
  void build_features() {
    const Size2D size = run_.result.image_size;
    input_ = Input({size.height, size.width, 3}, "image");
    const SymbolicTensor x = applications::add_preprocessing(input_, base_.preprocessing);
    features_ = layers::GlobalAveragePooling2D({.name = "pooling"})(base_.model(x, {.training = false}));
  }

  [[nodiscard]] Tensor compute(const data::Dataset& photos, const std::string& stage) {
    Features features({.model = Model(input_, features_, "features"),
                       .stage = stage,
                       .cache = run_.options.disk_cache,
                       .label = feature_label(*base_.application, run_.result.image_size)},
                      photos, run_.reporter);
    Tensor values = features.take(0);
    if (run_.reporter.stopped()) fail(ErrorKind::interrupted, "stopped before there was anything to keep");
    return values;
  }

  [[nodiscard]] HeadOptions choose(const Tensor& features) {
    const ClassicalHead& choice = run_.options.head;
    HeadSearchOptions options{.kinds = choice.kinds,
                              .c = choice.c,
                              .gamma = choice.gamma,
                              .neighbours = choice.neighbours,
                              .class_weight = choice.class_weight,
                              .folds = choice.folds,
                              .seed = run_.options.seed,
                              .groups = run_.photos.train_groups,
                              .progress = {}};
    options.progress = [this](std::size_t done, std::size_t total) {
      return run_.reporter.update("head", done, total, "settings");
    };
    const HeadSearch search = search_heads(features, run_.photos.train.labels(), options);
    (*run_.result.facts)["head"] = to_json(search.best);
    (*run_.result.facts)["head"]["cross_validation"] = search_json(search);
    run_.note(cat("cross-validation on ", search.rows, " training photos, ", search.folds, " folds, ",
                  search.tried.size(), search.tried.size() == 1 ? " setting" : " settings"));
    const Json of_each = best_of_each(search);
    for (const auto& [kind, best] : of_each.items())
      run_.note(cat("  ", kind, " ", percent(best["accuracy"].get<double>())));
    return search.best;
  }

  void finish(const Head& head, const HeadOptions& chosen) {
    run_.result.model =
        Model(input_, head(features_),
              std::string(base_.application->name) + "_" + std::string(to_string(head.kind())));
    (*run_.result.metadata)["output"] = head.output();
    (*run_.result.metadata)["head"] = to_json(chosen);
    (*run_.result.metadata)["head"]["scores"] = head.scores_in_words();
    run_.note("the head was fitted once more with the validation photos added");
  }

  const RecipeRun& run_;
  BaseModel base_;
  SymbolicTensor input_, features_;
};

/// A temperature goes into the weights of a last Dense layer.
void check_calibration(const TrainOptions& options) {
  const auto nested = [](HeadKind kind) { return kind == HeadKind::rbf_svm || kind == HeadKind::knn; };
  if (!options.tuning.calibrate || std::ranges::none_of(options.head.kinds, nested)) return;
  fail_option(
      ErrorKind::invalid_argument, "tuning.calibrate",
      "tuning.calibrate: expected a model that ends in a Dense layer: choose the head logistic, linear_svm "
      "or "
      "centroid, or do not calibrate");
}

}  // namespace

void train_classical_head(const RecipeRun& run) {
  check_calibration(run.options);
  HeadRecipe(run).run();
}

void check_class_weight(const TrainOptions& options) {
  if (options.head.class_weight == ClassWeight::none) return;
  const auto weighted = [](HeadKind kind) { return kind != HeadKind::knn && kind != HeadKind::centroid; };
  if (options.head.kinds.empty() ? options.recipe == Recipe::tutorial
                                 : std::ranges::any_of(options.head.kinds, weighted)) {
    return;
  }
  fail_option(
      ErrorKind::invalid_argument, "head.class_weight",
      "head.class_weight: expected one of the heads logistic, linear_svm and rbf_svm, or the tutorial "
      "recipe");
}

}  // namespace graft::transfer
