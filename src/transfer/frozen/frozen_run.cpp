// SPDX-License-Identifier: Apache-2.0
#include "transfer/frozen/frozen_run.hpp"

#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/evaluation.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/base/base_weights.hpp"
#include "transfer/base/classifier_graph.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/fine_tune/fine_tuner.hpp"
#include "transfer/fine_tune/strategies.hpp"
#include "transfer/frozen/frozen_head.hpp"
#include "transfer/measure/training_photos.hpp"
#include "transfer/recipes/settle_precision.hpp"
#include "transfer/result/finish.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

constexpr std::size_t kFrozenFolds = 5, kMostFrozenFolded = 5000;
/// Of fewer validation photos the mean squared error is off by a third (one standard error).
constexpr std::size_t kFewestForNumbers = 20;

/// Classical heads see photos as they are, and nothing follows them.
AutomaticRecipe frozen_recipe(const TrainOptions& options) {
  if (is_recipe<ClassicalHeadRecipe>(options)) return {.epochs = 0, .views = 1};
  return automatic_options(options);
}

/// The stages of one run, in their order.
class FrozenStages {
 public:
  FrozenStages(FrozenKind& kind, const RunContext& run, const std::filesystem::path& folder)
      : kind_(kind),
        run_(run),
        folder_(folder),
        recipe_(frozen_recipe(run.options)),
        width_(run.photos.class_names.size()) {}

  TrainResult run() {
    describe();
    run_.reporter.enter("model");
    base_ = kind_.start() == nullptr ? make_base(run_.options, run_.image_size)
                                     : base_inside(*kind_.start(), run_.options, run_.image_size);
    run_.note(cat("model ", base_.application->keras_name, " ", run_.image_size.height, " x ",
                  run_.image_size.width, ", ", base_.loaded));
    const ExecutionScope scope({.dtype_policy = settle_precision(run_, base_, trained_)});
    plan();
    read_features();
    choose();
    fine_tune();
    finish_model();
    return result();
  }

 private:
  void describe() const {
    run_.note(kind_.describe(run_.photos));
    for (const std::string& line : run_.photos.notes) run_.note(line);
    run_.note(run_.photos.split_note);
    run_.note(kind_.words().method);
    if (!run_.photos.left_out.empty())
      run_.reporter.say(cat("  left out: ", run_.photos.left_out.size(),
                            " files or rows; all are in skipped_images of result.json"));
  }

  /// Why a smaller error of numbers could not be seen; empty: it could, or there are classes.
  [[nodiscard]] std::string too_few_photos(const TailGoal& goal) const {
    const std::size_t photos = run_.photos.validation.size();
    if (goal.counts_errors() || recipe_.always_fine_tune || photos >= kFewestForNumbers) return {};
    return cat("no fine-tuning: with ", photos, " validation photos, fewer than ", kFewestForNumbers,
               ", a gain could not be told from chance");
  }

  /// As OneNetwork::plan().
  void plan() {
    const TailGoal* goal = kind_.goal(run_.options);
    if (goal == nullptr || recipe_.budget) return;
    if (recipe_.epochs > 0) why_not_ = too_few_photos(*goal);
    if (!why_not_.empty()) return;
    plan_ = plan_fine_tuning(base_.model, needs_of(run_, Strategy::freeze_part, 2 * run_.photos.train.size()),
                             why_not_);
  }

  [[nodiscard]] TrainingPhotos teaching() const {
    const Photos& photos = run_.photos;
    return {.train = {.photos = photos.train, .groups = photos.train_groups},
            .validation = photos.validation};
  }

  void read_features() {
    run_.reporter.enter("features");
    const Photos& photos = run_.photos;
    FrozenRequest wanted{
        .depths = {base_.model.outputs().front()}, .views = recipe_.views, .cache = run_.options.disk_cache};
    if (plan_) wanted.frontier = plan_->frontier.tensor;
    inside_ = std::make_unique<FrozenPhotos>(run_, base_, teaching(), wanted);
    data_.train = inside_->train_at(0);
    data_.validation = inside_->validation_at(0);
    data_.photo_weights = inside_->photo_weights();
    data_.train_truth = kind_.truth(photos.train, width_);
    data_.validation_truth = kind_.truth(photos.validation, width_);
    data_.folds = kind_.folds(photos, run_.options.seed);
  }

  /// With the photos as they are and, where there are more views, with all of them: what has less loss on
  /// unseen photos. Returns whether that is all views.
  std::pair<StrengthChoice, bool> choose_views() {
    const HeadMethod method = kind_.method(data_, run_.options);
    StrengthChoice choice = choose_strength(without_views(data_), method, run_.reporter, "head");
    if (recipe_.views <= 1 || run_.reporter.stopped()) return {std::move(choice), false};
    StrengthChoice with_views = choose_strength(data_, method, run_.reporter, "head, mirrored");
    if (with_views.loss < choice.loss) return {std::move(with_views), true};
    return {std::move(choice), false};
  }

  /// The best way of the kind.
  void choose() {
    run_.reporter.enter("head");
    std::size_t best = 0;
    for (std::size_t way = 0; way < kind_.ways(run_.options); ++way) {
      if (way > 0 && run_.reporter.stopped()) break;
      kind_.use_way(way);
      auto [choice, mirrored] = choose_views();
      kind_.remember_way(choice);
      if (way > 0 && !(choice.loss < choice_.loss)) continue;
      choice_ = std::move(choice);
      mirrored_ = mirrored;
      best = way;
    }
    kind_.use_way(best);
    if (!mirrored_) data_ = without_views(data_);
    for (const std::string& line : kind_.measure_unseen(choice_, data_, run_.photos.class_names))
      run_.note(line);
    unseen_ = kind_.answers_of(choice_.values).clone();  // some of them are replaced
    trained_.history.push_back({.epoch = 0, .phase = "head", .values = kind_.validation_values()});
  }

  /// Whether the head errs often enough that a gain could be seen; else notes why not.
  [[nodiscard]] bool worth_fine_tuning(const TailGoal& goal) const {
    if (!why_not_.empty()) run_.note(why_not_);
    if (!plan_ && !recipe_.budget) return false;
    if (!goal.counts_errors()) {
      const std::string too_few = too_few_photos(goal);
      if (!too_few.empty()) run_.note(too_few);
      return too_few.empty();
    }
    const double errors = 1 - goal.score(choice_.values, choice_.truth).accuracy;
    const auto photos = static_cast<double>(data_.validation_photos());
    const double in_validation =
        photos * (1 - goal.score(validation_values(), data_.validation_truth).accuracy);
    if (recipe_.always_fine_tune || std::lround(in_validation) >= static_cast<long>(kFewErrors) ||
        errors >= kFewErrorsShare)
      return true;
    run_.note(cat("no fine-tuning: the head errs on ", std::lround(in_validation), " of ",
                  data_.validation_photos(),
                  " validation photos, so that a gain could not be told from chance"));
    return false;
  }

  /// What the head that has seen no validation photo computes for them.
  [[nodiscard]] Tensor validation_values() const {
    return choice_.values.slice(0, static_cast<std::int64_t>(data_.validation_photos()));
  }

  void fine_tune() {
    const TailGoal* goal = kind_.goal(run_.options);
    if (goal == nullptr || run_.reporter.stopped() || !worth_fine_tuning(*goal)) return;
    run_.reporter.enter("fine_tuning");
    FineTuner tuner(
        run_, base_,
        {.head = goal->to_training(
             kind_.method(data_, run_.options).prepare(rows_without(data_, {}))(choice_.strength)),
         .all_views = mirrored_,
         .loss = goal->judge(goal->to_training(validation_values()),
                             goal->to_training(data_.validation_truth), {})},
        trained_.history, *goal);
    if (plan_) tuner.try_plan(*plan_, *inside_);
    inside_.reset();  // the tensors at the frontier are large
    if (recipe_.budget) {
      run_.note(budget_note(*recipe_.budget));
      tuner.try_in_time(std::array{Strategy::freeze_part}, teaching(), {});
    }
    FineTuningOutcome outcome = tuner.outcome();
    trained_.history = std::move(outcome.history);
    trained_.facts.fine_tuning = outcome.facts;
    if (recipe_.budget) trained_.facts.fine_tuning_tried = outcome.tried;
    if (!outcome.kept) return;
    tuned_ = std::move(outcome.kept);
    const std::vector<VariablePtr> head = tuned_->head.weights();
    tuned_->set_head(goal->from_training(LinearHead{head[0]->value().clone(), head[1]->value().clone()}));
    const Tensor validation = goal->from_training(outcome.validation);
    for (const std::string& line : kind_.measure_tuned(validation, data_)) run_.note(line);
    unseen_.slice(0, validation.shape()[0]).copy_from(kind_.answers_of(validation));
  }

  void finish_model() {
    if (tuned_) {
      trained_.model = tuned_->model;
    } else {
      ClassifierGraph graph = build_classifier(base_, run_.image_size, width_,
                                               {base_.model.outputs().front()}, kind_.words().activation);
      graph.set_head(kind_.solve_last(data_, choice_));
      run_.note(kind_.note_on_last(choice_));
      trained_.model = graph.model;
      // The base's features are the model's: photos are compared by them.
      trained_.pooled = {.train = data_.train.slice(0, data_.train_truth.shape()[0]),
                         .validation = data_.validation};
    }
    if (kind_.temperature() != 1) classify::apply_temperature(trained_.model, kind_.temperature());
    trained_.output = kind_.words().output;
    trained_.architecture = run_.options.model;
    trained_.facts.head = SolvedHead{.l2 = choice_.strength,
                                     .cross_validated = !data_.folds.empty(),
                                     .views = mirrored_ ? recipe_.views : 1,
                                     .mirrored = mirrored_,
                                     .tried = choice_.tried};
  }

  /// What the model answers for the test photos; their pooled features are kept.
  Tensor test_answers() {
    run_.reporter.enter("test");
    // As evaluate and predict compute by default: the figures are those of the model file.
    const ExecutionScope as_saved({.dtype_policy = DTypePolicy::float32});
    trained_.model.functional()->attach(nullptr);
    Predicted test = predict_with_features(trained_.model, run_.photos.test, run_.photos.cache, "test",
                                           run_.options.ranks.get());
    trained_.pooled.test = std::move(test.features);
    return std::move(test.output);
  }

  /// What a handful of photos shows of a threshold that nobody asked for is chance.
  void note_decisions() const {
    const std::optional<DecisionFacts>& found = trained_.facts.decisions;
    if (!found || found->test.photos < kFewestToReject) return;
    for (const std::string& line : graft::classify::describe(found->test, found->rules))
      run_.note("on the test photos, " + line);
  }

  TrainResult result() {
    const Tensor test = test_answers();
    Measured measured{.test = kind_.measure_test(test, run_.photos, trained_), .answers = answers(test)};
    note_decisions();
    if (kind_.start() != nullptr)
      trained_.facts.rounds = kind_.compare(answers_of_earlier(*kind_.start()), test, run_.photos);
    ComparedPhotos compared =
        features_of_training(trained_.model, run_.photos, trained_.pooled, run_.reporter);
    TrainResult result = make_result({run_.photos, run_.options, folder_, run_.image_size},
                                     std::move(trained_), std::move(measured), run_.reporter);
    result.training_features = std::move(compared.known);
    result.distances = std::move(compared.distances);
    result.notes = run_.reporter.notes();
    result.facts.seconds = run_.reporter.seconds();
    result.facts.duplicates = run_.photos.duplicates;
    return result;
  }

  /// For the test photos.
  [[nodiscard]] Tensor answers_of_earlier(const EarlierModel& earlier) const {
    run_.reporter.enter("earlier rounds");
    const ExecutionScope as_saved({.dtype_policy = DTypePolicy::float32});
    earlier.model.functional()->attach(nullptr);
    return predict_photos(earlier.model, run_.photos.test, run_.photos.cache, "test, earlier model",
                          run_.options.ranks.get());
  }

  [[nodiscard]] PhotoAnswers answers(const Tensor& test) const {
    OrderedAnswers ordered =
        order_answers(run_.photos, {choice_.answered, choice_.folds, unseen_, tuned_.has_value()}, test);
    kind_.add_truth(ordered.answers, ordered.places, run_.photos);
    return std::move(ordered.answers);
  }

  FrozenKind& kind_;
  const RunContext& run_;
  const std::filesystem::path& folder_;
  AutomaticRecipe recipe_;
  std::size_t width_;  ///< numbers or labels of a photo
  BaseModel base_;
  std::optional<FineTuningPlan> plan_;
  std::string why_not_;  ///< why there is none; empty: not wanted
  std::unique_ptr<FrozenPhotos> inside_;
  Trained trained_;
  FrozenData data_;
  StrengthChoice choice_;
  Tensor unseen_;  ///< of each answer of choice_ what predictions.csv has
  bool mirrored_ = false;
  std::optional<ClassifierGraph> tuned_;  ///< the fine-tuned classifier, where it was kept
};

/// One run, on photos as they are divided.
TrainResult run_frozen(FrozenKind& kind, const Photos& photos, const TrainOptions& given,
                       const StartOfRun& start, Reporter& reporter) {
  const ExecutionScope seed({.seed = given.seed});
  const TrainOptions options = kind.options_for(photos, given, reporter);
  RunState checkpoint(options, start, photos, reporter);  // of fine-tuning
  const RunContext run{.photos = photos,
                       .options = options,
                       .image_size = start.image_size,
                       .reporter = reporter,
                       .checkpoint = checkpoint};
  return FrozenStages(kind, run, start.folder).run();
}

}  // namespace

TrainResult train_frozen(FrozenKind& kind, const PhotoLists& lists, const std::filesystem::path& folder,
                         const TrainOptions& given, Reporter& reporter) {
  kind.check_options(given);
  const TrainOptions options = with_named_network(given, kind.words().photos, reporter);
  const EarlierModel* const earlier = kind.start();
  // An earlier model has the weights; another file than ImageNet's also says how pixels are scaled.
  const bool needs_file = earlier == nullptr || !options.image_size || options.weights != "imagenet";
  const Size2D size =
      needs_file ? size_with_weights(lists.train, options, reporter) : options.image_size.value();
  const PhotoPool pool = load_pool(lists, options, size, reporter);
  const RepeatedParts repeated = kind.repeated(pool, options);
  // That there are too few photos of a label is known before the first run.
  if (options.evaluation.folds > 0) static_cast<void>(repeated.folds());
  const StartOfRun start{.folder = folder,
                         .image_size = size,
                         .earlier_model = earlier == nullptr ? std::string() : earlier->file};
  TrainResult result = run_frozen(kind, kind.split(pool, options), options, start, reporter);
  add_repeated(result, repeated, options,
               [&](const Photos& divided, const TrainOptions& of_run, Reporter& reports) {
                 return run_frozen(*kind.another(), divided, of_run, start, reports);
               });
  return result;
}

PhotoFolds frozen_folds(std::size_t photos,
                        const std::function<PhotoFolds(std::span<const double>)>& divide) {
  if (photos < 4 * kFrozenFolds || photos > kMostFrozenFolded) return {};
  PhotoFolds folds = divide(std::vector<double>(kFrozenFolds, 1.0 / kFrozenFolds));
  std::erase_if(folds, [](const auto& fold) { return fold.empty(); });
  return folds.size() < 2 ? PhotoFolds{} : folds;
}

std::string frozen_split_note(const Photos& photos, const char* how, bool in_groups, std::uint64_t seed) {
  return cat("split ", photos.train.size(), " train, ", photos.validation.size(), " validation, ",
             photos.test.size(), " test, ", how, in_groups ? ", groups together" : "", ", seed ", seed);
}

}  // namespace graft::transfer
