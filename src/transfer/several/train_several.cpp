// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/train_several.hpp"

#include <algorithm>
#include <cmath>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/evaluation.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/base/classifier_graph.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/list/photo_size.hpp"
#include "transfer/load/photo_pool.hpp"
#include "transfer/measure/score.hpp"
#include "transfer/recipes/frozen_head.hpp"
#include "transfer/recipes/settle_precision.hpp"
#include "transfer/result/finish.hpp"
#include "transfer/several/several_head.hpp"
#include "transfer/several/several_photos.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

/// The stages of one run, in their order.
class SeveralStages {
 public:
  SeveralStages(const RunContext& run, const std::filesystem::path& folder)
      : run_(run), folder_(folder), classes_(run.photos.class_names.size()) {}

  TrainResult run() {
    describe();
    run_.reporter.enter("model");
    base_ = make_base(run_.options, run_.image_size);
    run_.note(cat("model ", base_.application->keras_name, " ", run_.image_size.height, " x ",
                  run_.image_size.width, ", ", base_.loaded));
    const ExecutionScope scope({.dtype_policy = settle_precision(run_, base_, trained_)});
    read_features();
    choose();
    finish_model();
    return result();
  }

 private:
  void describe() const {
    run_.note(graft::transfer::describe(run_.photos));
    for (const std::string& line : run_.photos.notes) run_.note(line);
    run_.note(run_.photos.split_note);
    run_.note(
        "several labels a photo: a sigmoid head on the frozen network; fine-tuning is not possible yet");
    if (!run_.photos.left_out.empty())
      run_.reporter.say(cat("  left out: ", run_.photos.left_out.size(),
                            " files or rows; all are in skipped_images of result.json"));
  }

  void read_features() {
    run_.reporter.enter("features");
    const Photos& photos = run_.photos;
    data_.train =
        frozen_features(run_, base_, photos.train, "features", automatic_options(run_.options).views);
    data_.validation = frozen_features(run_, base_, photos.validation, "features, validation", 1);
    data_.train_truth = truth_of(photos.train.label_sets(), classes_);
    data_.validation_truth = truth_of(photos.validation.label_sets(), classes_);
    data_.folds = several_folds(photos, run_.options.seed);
    data_.positive_weights = positive_weights_of(data_.train_truth, class_weight_of(run_.options));
    data_.photo_weights = head_weights(photos);
  }

  /// With the photos as they are and, where there are more views, with all of them: what has less loss on
  /// unseen photos.
  void choose() {
    run_.reporter.enter("head");
    const bool has_views = automatic_options(run_.options).views > 1;
    choice_ = choose_several_head(plain_several(data_), run_.reporter, "head");
    if (has_views && !run_.reporter.stopped()) {
      SeveralChoice with_views = choose_several_head(data_, run_.reporter, "head, mirrored");
      mirrored_ = with_views.loss < choice_.loss;
      if (mirrored_) choice_ = std::move(with_views);
    }
    if (!mirrored_) data_ = plain_several(data_);
    thresholds_ = find_label_thresholds(sigmoid_of(choice_.logits), choice_.truth);
    const std::int64_t photos = data_.validation_truth.shape()[0];
    validation_ = several_labels_figures(sigmoid_of(choice_.logits.slice(0, photos)), data_.validation_truth,
                                         thresholds_);
    run_.note(cat("head solved on frozen features, L2 ", choice_.l2, " of ", choice_.tried.size(),
                  " tried: binary cross-entropy on ", choice_.answered.size(), " unseen photos ",
                  choice_.loss, ", validation mean average precision ",
                  percent(validation_.mean_average_precision)));
    run_.note(cat("a threshold for each label, chosen for its F1 on the same answers; with fewer than ",
                  kFewestForThreshold, " photos it is 0.5"));
  }

  void finish_model() {
    ClassifierGraph graph =
        build_classifier(base_, run_.image_size, classes_, {base_.model.outputs().front()}, "sigmoid");
    graph.set_head(solve_several_on_all(data_, choice_.l2));
    run_.note("the head was solved once more with the validation photos added");
    trained_.model = graph.model;
    trained_.output = "sigmoid";
    trained_.architecture = run_.options.model;
    trained_.validation_accuracy = validation_.exact_match;
    trained_.facts.head = SolvedHead{.l2 = choice_.l2,
                                     .cross_validated = !data_.folds.empty(),
                                     .views = mirrored_ ? automatic_options(run_.options).views : 1,
                                     .mirrored = mirrored_,
                                     .tried = choice_.tried};
    trained_.history.push_back(
        {.epoch = 0,
         .phase = "head",
         .values = {{"val_loss", several_loss(choice_.logits.slice(0, data_.validation_truth.shape()[0]),
                                              data_.validation_truth)},
                    {"val_mean_average_precision", validation_.mean_average_precision}}});
  }

  TrainResult result() {
    run_.reporter.enter("test");
    Tensor test;
    {
      // As evaluate and predict compute by default: the figures are those of the model file.
      const ExecutionScope as_saved({.dtype_policy = DTypePolicy::float32});
      trained_.model.functional()->attach(nullptr);
      test = predict_photos(trained_.model, run_.photos.test, run_.photos.cache, "test",
                            run_.options.ranks.get());
    }
    const Tensor truth = truth_of(run_.photos.test.label_sets(), classes_);
    const SeveralLabelsFigures figures = several_labels_figures(test, truth, thresholds_);
    trained_.facts.several = SeveralLabelsFacts{.class_names = run_.photos.class_names,
                                                .thresholds = thresholds_,
                                                .validation = validation_,
                                                .test = figures};
    Measured measured{.test = {}, .answers = answers(test)};
    measured.test.accuracy = figures.exact_match;
    const auto exact =
        static_cast<std::size_t>(std::llround(figures.exact_match * static_cast<double>(figures.photos)));
    measured.test.interval = wilson_interval(exact, figures.photos);
    trained_.metadata = {{"labels", "several"}, {"thresholds", thresholds_}};
    TrainResult result = make_result({run_.photos, run_.options, folder_, run_.image_size},
                                     std::move(trained_), std::move(measured), run_.reporter);
    result.notes = run_.reporter.notes();
    result.facts.seconds = run_.reporter.seconds();
    result.facts.duplicates = run_.photos.duplicates;
    return result;
  }

  [[nodiscard]] PhotoAnswers answers(const Tensor& test) const {
    const Photos& photos = run_.photos;
    OrderedAnswers ordered =
        order_answers(photos, {choice_.answered, choice_.folds, sigmoid_of(choice_.logits)}, test);
    const std::vector<std::vector<int>> train = photos.train.label_sets(),
                                        validation = photos.validation.label_sets(),
                                        tested = photos.test.label_sets();
    for (const auto& [part, photo] : ordered.places) {
      const auto& sets = part == Part::train ? train : part == Part::validation ? validation : tested;
      ordered.answers.truth_sets.push_back(sets[photo]);
    }
    return std::move(ordered.answers);
  }

  const RunContext& run_;
  const std::filesystem::path& folder_;
  std::size_t classes_;
  BaseModel base_;
  Trained trained_;
  SeveralData data_;
  SeveralChoice choice_;
  std::vector<double> thresholds_;
  SeveralLabelsFigures validation_;
  bool mirrored_ = false;
};

}  // namespace

TrainResult train_several(const PhotoLists& lists, const std::filesystem::path& folder,
                          const TrainOptions& given, Reporter& reporter) {
  check_several_options(given);
  const TrainOptions options = with_named_network(given, "several labels", reporter);
  const ExecutionScope seed({.seed = options.seed});
  const Size2D size = image_size_for(lists.train, options);
  const Photos photos = split_several(load_pool(lists, options, size, reporter), options);
  RunState checkpoint(options, folder, photos, size, reporter);  // keeps nothing: there is no file
  const RunContext run{.photos = photos,
                       .options = options,
                       .image_size = size,
                       .reporter = reporter,
                       .checkpoint = checkpoint};
  return SeveralStages(run, folder).run();
}

}  // namespace graft::transfer
