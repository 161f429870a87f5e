// SPDX-License-Identifier: Apache-2.0
// Frozen features once, and a classical head on them, its kind and settings chosen by cross-validation.
#include <algorithm>
#include <set>
#include <vector>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/logits.hpp"
#include "graft/data/grouped_split.hpp"
#include "graft/evaluation.hpp"
#include "graft/layers.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/features/features.hpp"
#include "transfer/features/rows.hpp"
#include "transfer/head/held_out.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/recipes/settle_precision.hpp"
#include "transfer/state/run_context.hpp"

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

class HeadStages {
 public:
  HeadStages(const RunContext& run, const ClassicalHeadRecipe& recipe) : run_(run), recipe_(recipe) {}

  Trained run() {
    run_.reporter.enter("model");
    base_ = make_base(run_.options, run_.image_size);
    const ExecutionScope scope({.dtype_policy = settle_precision(run_, base_, trained_)});
    build_features();
    run_.note(cat("model ", base_.application->keras_name, " ", run_.image_size.height, " x ",
                  run_.image_size.width, ", ", base_.loaded));
    run_.reporter.enter("features");
    const Tensor train = compute(run_.photos.train, "features");
    const Tensor validation = compute(run_.photos.validation, "features, validation");
    run_.reporter.enter("head");
    const HeadOptions chosen = choose(train);
    const std::vector<int> labels = run_.photos.train.labels();
    const std::vector<int> validation_labels = run_.photos.validation.labels();
    const Head of_training = fit_head(train, labels, chosen);
    trained_.validation_accuracy = accuracy_of(of_training.predict(validation), validation_labels);
    run_.note(cat("head ", in_words(chosen), ": validation ", percent(trained_.validation_accuracy)));
    trained_.history.push_back(
        {.epoch = 0, .phase = "head", .values = {{"val_accuracy", trained_.validation_accuracy}}});
    trained_.unseen = unseen_answers(train, validation, chosen, of_training);
    std::vector<int> all = labels;
    all.insert(all.end(), validation_labels.begin(), validation_labels.end());
    finish(fit_head(stack(train, validation), all, chosen));
    return trained_;
  }

 private:
  /// Raw photo -> preprocessing -> base -> pooling.
  void build_features() {
    input_ = Input({run_.image_size.height, run_.image_size.width, 3}, "image");
    const SymbolicTensor x = applications::add_preprocessing(input_, base_.preprocessing);
    features_ = layers::GlobalAveragePooling2D({.name = "pooling"})(base_.model(x, {.training = false}));
  }

  [[nodiscard]] Tensor compute(const data::Dataset& photos, const std::string& stage) {
    Features features({.model = Model(input_, features_, "features"),
                       .stage = stage,
                       .cache = run_.options.disk_cache,
                       .label = feature_label(*base_.application, run_.image_size)},
                      photos, run_.reporter);
    Tensor values = features.take(0);
    if (run_.reporter.stopped()) fail(ErrorKind::interrupted, "stopped before there was anything to keep");
    return values;
  }

  [[nodiscard]] HeadOptions choose(const Tensor& features) {
    HeadSearchOptions options{.kinds = recipe_.kinds,
                              .c = recipe_.c,
                              .gamma = recipe_.gamma,
                              .neighbours = recipe_.neighbours,
                              .class_weight = recipe_.class_weight,
                              .folds = recipe_.folds,
                              .seed = run_.options.seed,
                              .groups = run_.photos.train_groups,
                              .progress = {}};
    options.progress = [this](std::size_t done, std::size_t total) {
      return run_.reporter.update("head", done, total, "settings");
    };
    const HeadSearch search = search_heads(features, run_.photos.train.labels(), options);
    run_.note(cat("cross-validation on ", search.rows, " training photos, ", search.folds, " folds, ",
                  search.tried.size(), search.tried.size() == 1 ? " setting" : " settings"));
    for (const TriedHead& best : best_of_each(search))
      run_.note(cat("  ", to_string(best.options.kind), " ", percent(best.accuracy)));
    trained_.facts.classical_head = {.options = search.best, .search = search};
    return search.best;
  }

  /// Of heads with the chosen setting: validation photos by of_training, training photos fold by
  /// fold. A fold without which a class would have no photo has no answers.
  [[nodiscard]] UnseenAnswers unseen_answers(const Tensor& train, const Tensor& validation,
                                             const HeadOptions& chosen, const Head& of_training) const {
    const std::vector<int> labels = run_.photos.train.labels();
    const std::vector<int> validation_labels = run_.photos.validation.labels();
    const HeadData data{.train = train,
                        .validation = validation,
                        .train_labels = labels,
                        .validation_labels = validation_labels,
                        .classes = run_.photos.class_names.size(),
                        .seed = run_.options.seed,
                        .groups = run_.photos.train_groups};
    const auto logits = [](const Head& head, const Tensor& rows) {
      return classify::logits_of(head.scores(rows), head.output());
    };
    UnseenAnswers answers{.labels = validation_labels, .logits = logits(of_training, validation)};
    for (std::size_t i = 0; i < validation_labels.size(); ++i) answers.photos.push_back(labels.size() + i);
    answers.folds.assign(validation_labels.size(), 0);
    const std::vector<std::vector<std::size_t>> folds = make_folds(data);
    for (std::size_t i = 0; i < folds.size(); ++i) {
      const std::vector<std::size_t> rest = data::all_but(folds[i], labels.size());
      const std::vector<int> taught = take(labels, rest);
      if (std::set(taught.begin(), taught.end()).size() < data.classes) continue;
      append(answers, {.photos = folds[i],
                       .folds = std::vector(folds[i].size(), i + 1),
                       .labels = take(labels, folds[i]),
                       .logits = logits(fit_head(take_rows(train, rest), taught, chosen),
                                        take_rows(train, folds[i]))});
    }
    return answers;
  }

  void finish(const Head& head) {
    trained_.model = Model(input_, head(features_),
                           std::string(base_.application->name) + "_" + std::string(to_string(head.kind())));
    trained_.output = head.output();
    trained_.head_scores = head.scores_in_words();
    run_.note("the head was fitted once more with the validation photos added");
  }

  const RunContext& run_;
  const ClassicalHeadRecipe& recipe_;
  Trained trained_;
  BaseModel base_;
  SymbolicTensor input_, features_;
};

}  // namespace

Trained train_classical_head(const RunContext& run, const ClassicalHeadRecipe& recipe) {
  return HeadStages(run, recipe).run();
}

}  // namespace graft::transfer
