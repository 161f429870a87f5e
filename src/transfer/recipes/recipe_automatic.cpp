// SPDX-License-Identifier: Apache-2.0
// The default recipe: frozen features once, a head solved to convergence, fine-tuning only where it helps.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "transfer/base/classifier_graph.hpp"
#include "transfer/base/operations.hpp"
#include "transfer/base/precision.hpp"
#include "transfer/context/networks.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/fine_tune/fine_tuner.hpp"
#include "transfer/fine_tune/fine_tuning.hpp"
#include "transfer/fine_tune/frozen_photos.hpp"
#include "transfer/fine_tune/plan_by_clock.hpp"
#include "transfer/fine_tune/recommend.hpp"
#include "transfer/fine_tune/strategies.hpp"
#include "transfer/head/depth_heads.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/measure/comparison.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/recipes/second_network.hpp"
#include "transfer/recipes/settle_precision.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

class AutomaticStages {
 public:
  explicit AutomaticStages(const RunContext& run)
      : run_(run), recipe_(automatic_options(run.options)), photos_(run.photos), reporter_(run.reporter) {}

  Trained run() {
    reporter_.enter("model");
    base_ = make_base(run_.options, run_.image_size);
    const std::string second = networks_of(run_.options).second;
    if (!second.empty()) second_.emplace(run_, second);
    const ExecutionScope scope({.dtype_policy = settle_both_precisions()});
    run_.note(cat("model ", base_.application->keras_name, " ", run_.image_size.height, " x ",
                  run_.image_size.width, ", ", base_.loaded));
    depths_ = head_depths(base_.model);
    plan_by_work();
    say_how_long();
    reporter_.enter("features");
    const TrainingPhotos teaching = compute_features();
    reporter_.enter("head");
    solve();
    show_head();
    if (reporter_.stopped()) {
      trained_.unseen = heads_.chosen().answers;
      return trained_;
    }
    reporter_.enter("fine_tuning");
    if (recipe_.budget)
      run_.note(cat("a budget of ", *recipe_.budget,
                    " s: the clock decides how far to fine-tune, so another run may end otherwise"));
    if (!worth_fine_tuning() || !fine_tune(teaching)) refit_on_all();
    trained_.unseen = reporter_.stopped() ? heads_.chosen().answers : heads_.unseen_answers();
    if (second_ && !reporter_.stopped()) add_second(teaching);
    return trained_;
  }

 private:
  /// bfloat16 only where neither network's features suffer.
  DTypePolicy settle_both_precisions() {
    const DTypePolicy first = settle_precision(run_, base_, trained_);
    if (!second_ || first == DTypePolicy::float32) return first;
    const PrecisionChoice second = choose_precision(second_->base(), run_.image_size, photos_, run_.options);
    trained_.dtype_policy = second.policy;
    trained_.facts.precision = to_string(second.policy);
    if (second.policy != first) run_.note(cat("second network: ", second.note));
    return second.policy;
  }

  /// Without a budget the plan is made before the photos go through the network, so that they do so once.
  void plan_by_work() {
    if (is_recipe<HeadRecipe>(run_.options) || recipe_.budget) return;
    plan_ = plan_fine_tuning(base_.model, needs_of(run_, Strategy::freeze_part, 2 * photos_.train.size()),
                             why_not_);
  }

  /// By the speed of one batch. On the screen only: another run may say something else.
  void say_how_long() {
    if (recipe_.budget || !run_.options.progress) return;
    const Model features = build_features(base_, run_.image_size, {depths_.front()}, std::nullopt);
    const double a_photo = seconds_per_photo(features);
    const std::size_t views = static_cast<std::size_t>(recipe_.views) * photos_.train.size() +
                              photos_.validation.size() + photos_.test.size();
    const auto seconds = [](double value) { return cat(std::lround(std::ceil(value)), " s"); };
    std::string line =
        cat("about ", seconds(a_photo * static_cast<double>(views)), " until the head is solved");
    if (plan_) {
      const double a_second = kWithReading * operations_of(features) / a_photo;
      line += cat(", then up to ", seconds(plan_->operations / a_second), " for fine-tuning");
    }
    if (second_) line += "; then the head of the second network";
    reporter_.say(line);
  }

  /// Every photo goes through the base once: its pooled features for the head and, where fine-tuning may
  /// follow, the tensors at the frontier.
  TrainingPhotos compute_features() {
    TrainingPhotos teaching{.train = {.photos = photos_.train, .groups = photos_.train_groups},
                            .validation = photos_.validation};
    FrozenRequest wanted{.depths = depths_, .views = recipe_.views, .cache = run_.options.disk_cache};
    if (plan_) wanted.frontier = plan_->frontier.tensor;
    inside_ = std::make_unique<FrozenPhotos>(run_, base_, teaching, wanted);
    heads_.depths = inside_->at_depths();
    const std::size_t all = inside_->views();
    const std::size_t computed = inside_->computed();
    trained_.facts.features = {.computed = computed, .cached = all - computed};
    if (computed < all)
      run_.note(cat("features of ", all - computed, " of ", all, " views known from earlier runs"));
    return teaching;
  }

  void solve() {
    heads_ = solve_heads(std::move(heads_.depths), reporter_);
    const HeadChoice& chosen = heads_.chosen();
    const Place place = place_of(photos_.train.size() + photos_.validation.size(), photos_.class_names.size(),
                                 1 - heads_.last.best.error_share());
    strategies_ = worth_trying(place);
    trained_.facts.advice = {.photos_per_class = place.photos_per_class,
                             .many = place.many,
                             .similar = place.similar,
                             .decided_by_time = recipe_.budget.has_value()};
    trained_.facts.head = {.l2 = chosen.trial.l2,
                           .cross_validated = heads_.last.cross_validated,
                           .several_depths = heads_.several.has_value(),
                           .views = heads_.views.recommended ? recipe_.views : 1,
                           .mirrored = heads_.views.recommended,
                           .loss_with_views = heads_.views.loss_with,
                           .loss_without_views = heads_.views.loss_without,
                           .tried = heads_.last.tried,
                           .tried_on_several = heads_.tried_on_several};
  }

  void show_head() {
    const HeadChoice& chosen = heads_.chosen();
    const HeadScore validation = chosen.on_validation.mean();
    graph_ = build(heads_.several ? depths_ : std::vector{depths_.front()});
    graph_.set_head(heads_.head());
    trained_.model = graph_.model;
    trained_.validation_accuracy = validation.accuracy;
    trained_.history.push_back(
        {.epoch = 0,
         .phase = "head",
         .values = {{"val_loss", validation.loss}, {"val_accuracy", validation.accuracy}}});
    if (heads_.views.tried && !heads_.views.recommended) {
      run_.note(cat("photos mirrored left to right", recipe_.views > 2 ? ", and enlarged parts of them," : "",
                    " do harm here, as unseen photos show: they are left out"));
    }
    std::string line = cat("head solved on frozen features", heads_.several ? " of several depths" : "",
                           ", L2 ", chosen.trial.l2, " of ", chosen.tried.size(), " tried: validation ",
                           percent(validation.accuracy));
    if (chosen.cross_validated) line += cat(", cross-validated ", percent(1 - chosen.trial.error_share()));
    run_.note(line);
  }

  ClassifierGraph build(const std::vector<SymbolicTensor>& depths) const {
    return build_classifier(base_, run_.image_size, photos_.class_names.size(), depths);
  }

  /// Once strength and depths are chosen, the head may learn from the validation photos too.
  void refit_on_all() {
    final_head_ = heads_.head_of_all();
    graph_.set_head(final_head_);
    run_.note("the head was solved once more with the validation photos added");
  }

  bool worth_fine_tuning() {
    if (is_recipe<HeadRecipe>(run_.options)) return false;
    if (!plan_ && !recipe_.budget) {
      if (!why_not_.empty()) run_.note(why_not_);
      return false;
    }
    const std::vector<double>& wrong = heads_.chosen().on_validation.wrong;
    const auto errors = static_cast<std::size_t>(std::ranges::count(wrong, 1.0));
    if (errors >= kFewErrors || heads_.chosen().trial.error_share() >= kFewErrorsShare) return true;
    run_.note(cat("no fine-tuning: the head errs on ", errors, " of ", wrong.size(),
                  " validation photos, so that a gain could not be told from chance"));
    return false;
  }

  /// True when fine-tuning was kept. It starts from the head on the base's output.
  bool fine_tune(const TrainingPhotos& teaching) {
    FineTuner tuner(run_, base_, heads_, trained_.history);
    if (plan_) tuner.try_plan(*plan_, *inside_);
    if (recipe_.budget) tuner.try_in_time(strategies_, teaching);
    FineTuningOutcome outcome = tuner.outcome();
    trained_.history = std::move(outcome.history);
    trained_.facts.fine_tuning = outcome.facts;
    if (recipe_.budget) trained_.facts.fine_tuning_tried = std::move(outcome.tried);
    if (!outcome.kept) return false;
    trained_.model = outcome.kept->model;
    trained_.validation_accuracy = outcome.facts->validation_accuracy;
    trained_.head_is_final = false;
    final_head_ = {outcome.kept->head.weights()[0]->value().clone(),
                   outcome.kept->head.weights()[1]->value().clone()};
    tuned_validation_ = outcome.validation;
    return true;
  }

  /// The fine-tuned classifier's answers for the validation photos.
  [[nodiscard]] UnseenAnswers validation_answers(const Tensor& logits) const {
    UnseenAnswers answers{.labels = photos_.validation.labels(), .logits = logits};
    answers.folds.assign(answers.labels.size(), 0);
    for (std::size_t i = 0; i < answers.labels.size(); ++i)
      answers.photos.push_back(photos_.train.size() + i);
    return answers;
  }

  /// The mean of both networks' answers, where the photos that neither has seen have less loss with it.
  void add_second(const TrainingPhotos& teaching) {
    reporter_.enter("second network");
    second_->solve(teaching, recipe_.views);
    if (reporter_.stopped()) return;
    // Where the model was fine-tuned, only the validation photos are unseen.
    const bool tuned = !trained_.head_is_final;
    const UnseenAnswers first = tuned ? validation_answers(tuned_validation_) : trained_.unseen;
    const UnseenAnswers second =
        tuned ? second_->heads().chosen().answers : second_->heads().unseen_answers();
    const UnseenAnswers both = mean_of_answers(first, second);
    const double before = calibrated_loss(first, tuned);
    const double after = calibrated_loss(both, tuned);
    if (after >= before) {
      trained_.architecture = networks_of(run_.options).first;
      run_.note(
          "the second network is left out: unseen photos have no less loss with the mean of both answers");
      return;
    }
    const std::vector<SymbolicTensor> depths =
        !tuned && heads_.several ? depths_ : std::vector{depths_.front()};
    graph_ = second_->join({base_, depths}, final_head_);
    trained_.model = graph_.model;
    if (!tuned) trained_.unseen = both;
    trained_.validation_accuracy = scores_of_answers(both, true).mean().accuracy;
    run_.note(cat("mean of both networks' answers: validation ", percent(trained_.validation_accuracy),
                  ", loss on unseen photos, calibrated, ", before, " -> ", after));
  }

  const RunContext& run_;
  AutomaticRecipe recipe_;
  const Photos& photos_;
  Reporter& reporter_;
  Trained trained_{.output = "softmax"};
  BaseModel base_;
  std::vector<SymbolicTensor> depths_;  ///< the base's output first
  std::optional<FineTuningPlan> plan_;  ///< by work; unset: there is no fine-tuning, or the clock decides
  std::string why_not_;
  std::unique_ptr<FrozenPhotos> inside_;
  DepthHeads heads_;
  std::span<const Strategy> strategies_;
  ClassifierGraph graph_;
  LinearHead final_head_;    ///< of the first network's classifier in the result
  Tensor tuned_validation_;  ///< logits of the validation photos after fine-tuning that was kept
  std::optional<SecondNetwork> second_;
};

}  // namespace

Trained train_automatic(const RunContext& run) { return AutomaticStages(run).run(); }

}  // namespace graft::transfer
