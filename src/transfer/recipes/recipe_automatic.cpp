// SPDX-License-Identifier: Apache-2.0
// The default recipe: frozen features once, a head solved to convergence, fine-tuning only where it helps.
#include <algorithm>
#include <memory>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "transfer/base/classifier_graph.hpp"
#include "transfer/base/precision.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/fine_tune/fine_tuner.hpp"
#include "transfer/fine_tune/fine_tuning.hpp"
#include "transfer/fine_tune/frozen_photos.hpp"
#include "transfer/fine_tune/recommend.hpp"
#include "transfer/fine_tune/strategies.hpp"
#include "transfer/head/depth_heads.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/state/recipe_run.hpp"
#include "transfer/state/run_state.hpp"

namespace graft::transfer {
namespace {

class AutomaticRecipe {
 public:
  explicit AutomaticRecipe(const RecipeRun& run)
      : run_(run), result_(run.result), photos_(run.photos), reporter_(run.reporter) {}

  void run() {
    reporter_.enter("model");
    base_ = make_base(run_.options, result_.image_size);
    set_precision(result_, base_, photos_, run_.options, reporter_);
    run_.note(cat("model ", base_.application->keras_name, " ", result_.image_size.height, " x ",
                  result_.image_size.width, ", ", base_.loaded));
    depths_ = head_depths(base_.model);
    plan_by_work();
    reporter_.enter("features");
    const TrainingPhotos teaching = compute_features();
    reporter_.enter("head");
    solve();
    show_head();
    if (reporter_.stopped()) return;
    reporter_.enter("fine_tuning");
    if (run_.options.budget)
      run_.note(cat("a budget of ", *run_.options.budget,
                    " s: the clock decides how far to fine-tune, so another run may end otherwise"));
    if (!worth_fine_tuning() || !fine_tune(teaching)) refit_on_all();
  }

 private:
  /// Without a budget the plan is there before the photos go through the network, so that they do so once.
  void plan_by_work() {
    if (run_.options.recipe == Recipe::head || run_.options.budget) return;
    plan_ = plan_fine_tuning(base_.model, needs_of(run_, Strategy::freeze_part, 2 * photos_.train.size()),
                             why_not_);
  }

  /// Every photo goes through the base once: its pooled features for the head and, where fine-tuning may
  /// follow, the tensors at the frontier.
  TrainingPhotos compute_features() {
    TrainingPhotos teaching{.train = {.photos = photos_.train, .groups = photos_.train_groups},
                            .validation = photos_.validation};
    FrozenRequest wanted{.depths = depths_, .cache = run_.options.disk_cache};
    if (plan_) wanted.frontier = plan_->frontier.tensor;
    inside_ = std::make_unique<FrozenPhotos>(run_, base_, teaching, wanted);
    heads_.depths = inside_->at_depths();
    const std::size_t all = inside_->views();
    const std::size_t computed = inside_->computed();
    (*result_.facts)["features"] = {{"computed", computed}, {"cached", all - computed}};
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
    (*result_.facts)["advice"] = {{"photos_per_class", place.photos_per_class},
                                  {"size", place.many ? "many" : "few"},
                                  {"similarity", place.similar ? "similar" : "different"},
                                  {"decided_by", run_.options.budget ? "time" : "work"}};
    (*result_.facts)["head"] = {{"l2", chosen.trial.l2},
                                {"cross_validated", heads_.last.cross_validated},
                                {"several_depths", heads_.several.has_value()},
                                {"views", heads_.views.recommended ? run_.options.views : 1},
                                {"mirrored", heads_.views.recommended},
                                {"loss_with_mirrored", heads_.views.loss_with},
                                {"loss_without_mirrored", heads_.views.loss_without},
                                {"tried", heads_.last.tried}};
    if (!heads_.tried_on_several.is_null())
      (*result_.facts)["head"]["tried_on_several_depths"] = heads_.tried_on_several;
  }

  void show_head() {
    const HeadChoice& chosen = heads_.chosen();
    const HeadScore validation = chosen.on_validation.mean();
    graph_ = build(heads_.several ? depths_ : std::vector{depths_.front()});
    graph_.set_head(heads_.head());
    result_.model = graph_.model;
    result_.validation_accuracy = validation.accuracy;
    result_.history->push_back({{"epoch", 0},
                                {"phase", "head"},
                                {"val_loss", validation.loss},
                                {"val_accuracy", validation.accuracy}});
    if (heads_.views.tried && !heads_.views.recommended) {
      run_.note(cat("photos mirrored left to right",
                    run_.options.views > 2 ? ", and enlarged parts of them," : "",
                    " do harm here, as unseen photos show: they are left out"));
    }
    std::string line = cat("head solved on frozen features", heads_.several ? " of several depths" : "",
                           ", L2 ", chosen.trial.l2, " of ", chosen.tried.size(), " tried: validation ",
                           percent(validation.accuracy));
    if (chosen.cross_validated) line += cat(", cross-validated ", percent(1 - chosen.trial.error_share()));
    run_.note(line);
  }

  ClassifierGraph build(const std::vector<SymbolicTensor>& depths) const {
    return build_classifier(base_, result_.image_size, photos_.class_names.size(), depths);
  }

  /// Once strength and depths are chosen, the validation photos may teach too.
  void refit_on_all() {
    graph_.set_head(heads_.head_of_all());
    run_.note("the head was solved once more with the validation photos added");
  }

  bool worth_fine_tuning() {
    if (run_.options.recipe == Recipe::head) return false;
    if (!plan_ && !run_.options.budget) {
      if (!why_not_.empty()) run_.note(why_not_);
      return false;
    }
    const std::vector<double>& wrong = heads_.chosen().on_validation.wrong;
    const auto errors = static_cast<std::size_t>(std::ranges::count(wrong, 1.0));
    if (errors >= kFewErrors) return true;
    run_.note(cat("no fine-tuning: the head errs on ", errors, " of ", wrong.size(),
                  " validation photos, so that a gain could not be told from chance"));
    return false;
  }

  /// True when fine-tuning was kept. It starts from the head on the base's output.
  bool fine_tune(const TrainingPhotos& teaching) {
    FineTuner tuner(run_, base_, heads_);
    if (plan_) tuner.try_plan(*plan_, *inside_);
    if (run_.options.budget) tuner.try_in_time(strategies_, teaching);
    return tuner.keep();
  }

  const RecipeRun& run_;
  TrainResult& result_;
  const Photos& photos_;
  Reporter& reporter_;
  BaseModel base_;
  std::vector<SymbolicTensor> depths_;  ///< the base's output first
  std::optional<FineTuningPlan> plan_;  ///< by work; unset: there is no fine-tuning, or the clock decides
  std::string why_not_;
  std::unique_ptr<FrozenPhotos> inside_;
  DepthHeads heads_;
  std::span<const Strategy> strategies_;
  ClassifierGraph graph_;
};

}  // namespace

void train_automatic(const RecipeRun& run) {
  AutomaticRecipe(run).run();
  (*run.result.metadata)["output"] = "softmax";
}

}  // namespace graft::transfer
