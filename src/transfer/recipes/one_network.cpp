// SPDX-License-Identifier: Apache-2.0
#include "transfer/recipes/one_network.hpp"

#include <algorithm>
#include <numeric>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "transfer/context/networks.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/fine_tune/strategies.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/measure/unseen_answers.hpp"

namespace graft::transfer {
namespace {

TrainOptions options_for(const RunContext& run, const std::string& name, std::size_t of) {
  TrainOptions options = with_model(run.options, name);
  options.cache_bytes /= of;
  return options;
}

std::size_t validation_errors(const HeadChoice& head) {
  return static_cast<std::size_t>(std::ranges::count(head.on_validation.wrong, 1.0));
}

}  // namespace

OneNetwork::OneNetwork(const RunContext& run, const std::string& name, std::size_t of)
    : options_(options_for(run, name, of)),
      run_{.photos = run.photos,
           .options = options_,
           .image_size = run.image_size,
           .reporter = run.reporter,
           .checkpoint = run.checkpoint,
           .label = of > 1 ? name + ": " : ""},
      of_(of),
      recipe_(automatic_options(options_)),
      base_(make_base(options_, run.image_size)),
      depths_(head_depths(base_.model)) {
  run.note(cat("model ", base_.application->keras_name, " ", run_.image_size.height, " x ",
               run_.image_size.width, ", ", base_.loaded));
}

void OneNetwork::plan() {
  if (is_recipe<HeadRecipe>(options_) || recipe_.budget) return;
  plan_ = plan_fine_tuning(base_.model, needs_of(run_, Strategy::freeze_part, 2 * run_.photos.train.size()),
                           why_not_);
}

Model OneNetwork::features() const {
  return build_features(base_, run_.image_size, {depths_.front()}, std::nullopt);
}

void OneNetwork::compute_features(const TrainingPhotos& teaching) {
  FrozenRequest wanted{.depths = depths_, .views = recipe_.views, .cache = options_.disk_cache};
  if (plan_) wanted.frontier = plan_->frontier.tensor;
  if (!run_.label.empty()) wanted.stage = run_.label + wanted.stage;
  inside_ = std::make_unique<FrozenPhotos>(run_, base_, teaching, wanted);
  heads_.depths = inside_->at_depths();
  const std::size_t all = inside_->views();
  counts_ = {.computed = inside_->computed(), .cached = all - inside_->computed()};
  if (counts_.cached > 0)
    run_.note(cat("features of ", counts_.cached, " of ", all, " views known from earlier runs"));
}

FeatureCounts OneNetwork::feature_counts() const { return counts_; }

void OneNetwork::solve_head() { heads_ = solve_heads(std::move(heads_.depths), run_.reporter); }

void OneNetwork::describe_head() const {
  const HeadChoice& chosen = heads_.chosen();
  if (heads_.views.tried && !heads_.views.recommended) {
    run_.note(cat("photos mirrored left to right", recipe_.views > 2 ? ", and enlarged parts of them," : "",
                  " do harm here, as unseen photos show: they are left out"));
  }
  std::string line = cat("head solved on frozen features", heads_.several ? " of several depths" : "",
                         ", L2 ", chosen.trial.l2, " of ", chosen.tried.size(), " tried: validation ",
                         percent(chosen.on_validation.mean().accuracy));
  if (chosen.cross_validated) line += cat(", cross-validated ", percent(1 - chosen.trial.error_share()));
  run_.note(line);
}

bool OneNetwork::wants_fine_tuning() const {
  if (!plan_ && !recipe_.budget) return false;
  if (recipe_.always_fine_tune) return true;
  const HeadChoice& chosen = heads_.chosen();
  return validation_errors(chosen) >= kFewErrors || chosen.trial.error_share() >= kFewErrorsShare;
}

void OneNetwork::fine_tune(const TrainingPhotos& teaching, std::vector<EpochRow>& history, double share) {
  if (!wants_fine_tuning()) {
    note_why_not();
    return;
  }
  const double loss =
      calibrated_loss(validation_answers(heads_.chosen().answers), heads_.depths.front().class_weights);
  FineTuner tuner(run_, base_,
                  {.head = heads_.last.head, .all_views = heads_.views.recommended, .loss = loss}, history);
  if (plan_) tuner.try_plan(*plan_, *inside_);
  if (recipe_.budget) {
    tuner.try_in_time(worth_trying(place()), teaching, {.share = share, .networks = of_});
  }
  outcome_ = tuner.outcome();
  history = outcome_->history;
  inside_.reset();  // the tensors at the frontier are large
}

void OneNetwork::note_why_not() const {
  if (is_recipe<HeadRecipe>(options_)) return;
  const HeadChoice& chosen = heads_.chosen();
  if (!why_not_.empty()) run_.note(why_not_);
  if (!plan_ && !recipe_.budget) return;
  run_.note(cat("no fine-tuning: the head errs on ", validation_errors(chosen), " of ",
                chosen.on_validation.wrong.size(),
                " validation photos, so that a gain could not be told from chance"));
}

UnseenAnswers OneNetwork::head_answers() const {
  return run_.reporter.stopped() ? heads_.chosen().answers : heads_.unseen_answers();
}

UnseenAnswers OneNetwork::unseen_answers() const {
  if (!tuned()) return head_answers();
  UnseenAnswers answers{.labels = run_.photos.validation.labels(), .logits = outcome_->validation};
  answers.folds.assign(answers.labels.size(), 0);
  answers.photos.resize(answers.labels.size());
  std::iota(answers.photos.begin(), answers.photos.end(), run_.photos.train.size());
  return answers;
}

HeadScore OneNetwork::on_validation() const {
  return tuned() ? scores_of_answers(unseen_answers()).mean() : heads_.chosen().on_validation.mean();
}

BaseDepths OneNetwork::depths() const {
  return {base_, !tuned() && heads_.several ? depths_ : std::vector{depths_.front()}};
}

LinearHead OneNetwork::head(bool with_validation) const {
  if (!tuned()) return with_validation ? heads_.head_of_all() : heads_.head();
  const auto weights = outcome_->kept->head.weights();
  return {weights[0]->value().clone(), weights[1]->value().clone()};
}

ClassifierGraph OneNetwork::classifier(bool with_validation) const {
  if (tuned()) return *outcome_->kept;
  ClassifierGraph graph =
      build_classifier(base_, run_.image_size, run_.photos.class_names.size(), depths().depths);
  graph.set_head(head(with_validation));
  return graph;
}

PooledFeatures OneNetwork::pooled() const {
  if (tuned() || heads_.several) return {};
  const HeadData& data = heads_.depths.front();
  const auto photos = static_cast<std::int64_t>(data.train_labels.size());
  return {.train = data.train.slice(0, photos), .validation = data.validation};
}

SolvedHead OneNetwork::head_facts() const {
  return {.l2 = heads_.chosen().trial.l2,
          .cross_validated = heads_.last.cross_validated,
          .several_depths = heads_.several.has_value(),
          .views = heads_.views.recommended ? recipe_.views : 1,
          .mirrored = heads_.views.recommended,
          .loss_with_views = heads_.views.loss_with,
          .loss_without_views = heads_.views.loss_without,
          .tried = heads_.last.tried,
          .tried_on_several = heads_.tried_on_several};
}

Place OneNetwork::place() const {
  return place_of(run_.photos.train.size() + run_.photos.validation.size(), run_.photos.class_names.size(),
                  1 - heads_.last.best.error_share());
}

PhotosPlace OneNetwork::place_facts() const {
  const Place here = place();
  return {.photos_per_class = here.photos_per_class,
          .many = here.many,
          .similar = here.similar,
          .decided_by_time = recipe_.budget.has_value()};
}

std::optional<FineTuned> OneNetwork::fine_tuning_facts() const {
  return outcome_ ? outcome_->facts : std::nullopt;
}

std::vector<FineTuned> OneNetwork::tried_in_budget() const {
  return outcome_ && recipe_.budget ? outcome_->tried : std::vector<FineTuned>{};
}

}  // namespace graft::transfer
