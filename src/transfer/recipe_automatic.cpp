// SPDX-License-Identifier: Apache-2.0
// The default recipe: frozen features once, a head solved to convergence, fine-tuning only where it helps.
#include <cmath>
#include <memory>
#include <optional>

#include "graft/base/error.hpp"
#include "graft/base/text.hpp"

#include "transfer/classifier_graph.hpp"
#include "transfer/comparison.hpp"
#include "transfer/features.hpp"
#include "transfer/fine_tuning.hpp"
#include "transfer/fit_tail.hpp"
#include "transfer/head_choice.hpp"
#include "transfer/precision.hpp"
#include "transfer/run_state.hpp"
#include "transfer/session.hpp"

namespace graft::transfer {
namespace {

// With fewer errors on the validation photos than this, fine-tuning could not be told from chance: if all of
// three errors were gone, that would still happen to equals once in eight times.
constexpr std::size_t kFewErrors = 4;

class AutomaticRecipe {
 public:
  explicit AutomaticRecipe(const RecipeRun& run)
      : run_(run), result_(run.result), photos_(run.photos), reporter_(run.reporter) {}

  void run() {
    reporter_.enter("model");
    base_ = make_base(run_.options, result_.image_size);
    set_precision(result_, base_, photos_, run_.options, reporter_);
    note(cat("model ", base_.application->keras_name, " ", result_.image_size.height, " x ",
             result_.image_size.width, ", ", base_.loaded));
    depths_ = head_depths(base_.model);
    plan_ = make_plan();
    reporter_.enter("features");
    compute_all_features();
    reporter_.enter("head");
    solve_head();
    if (reporter_.stopped()) return;
    reporter_.enter("fine_tuning");
    if (!worth_fine_tuning() || !fine_tune()) refit_on_all();
  }

 private:
  void note(const std::string& line) {
    result_.notes.push_back(line);
    reporter_.say(line);
  }

  std::optional<FineTuningPlan> make_plan() {
    if (run_.options.recipe == Recipe::head) return std::nullopt;
    return plan_fine_tuning(base_.model,
                            {.views = 2 * photos_.train.size(),
                             .validation = photos_.validation.size(),
                             .cache_bytes = run_.options.cache_bytes,
                             .most_epochs = run_.options.epochs},
                            why_not_);
  }

  /// Every photo goes through the base once: its pooled features for the head and, where fine-tuning may
  /// follow, what lies at the frontier.
  void compute_all_features() {
    std::optional<SymbolicTensor> frontier;
    if (plan_) frontier = plan_->frontier.tensor;
    const Model model = build_features(base_, result_.image_size, depths_, frontier);
    const auto open = [&](const data::Dataset& photos, const std::string& stage, bool mirrored) {
      return std::make_unique<Features>(
          FeatureRequest{.model = model,
                         .stage = stage,
                         .mirrored = mirrored,
                         .cache = run_.options.disk_cache,
                         .label = feature_label(*base_.application, result_.image_size)},
          photos, reporter_);
    };
    train_ = open(photos_.train, "features", true);
    validation_ = open(photos_.validation, "features, validation", false);
    for (std::size_t i = 0; i < depths_.size(); ++i) {
      const Parts features = take(i);
      at_depth_.push_back({.train = features.train,
                           .validation = features.validation,
                           .train_labels = photos_.train.labels(),
                           .validation_labels = photos_.validation.labels(),
                           .classes = photos_.class_names.size(),
                           .seed = run_.options.seed});
    }
    const std::size_t computed = train_->computed() + validation_->computed();
    const std::size_t all = train_->rows() + validation_->rows();
    result_.facts["features"] = {{"computed", computed}, {"cached", all - computed}};
    if (computed < all)
      note(cat("features of ", all - computed, " of ", all, " views known from earlier runs"));
  }

  /// Features of the training photos, then of them mirrored; and of the validation photos.
  struct Parts {
    Tensor train, validation;
  };
  Parts take(std::size_t output) {
    Parts parts{train_->take(output), validation_->take(output)};
    if (reporter_.stopped()) fail(ErrorKind::interrupted, "stopped before there was anything to keep");
    return parts;
  }

  /// A head on the base's output, and where it errs at all one on several depths, kept where it is clearly
  /// better.
  void solve_head() {
    head_ = choose_head(at_depth_.front(), reporter_, "head");
    result_.facts["head"] = {{"l2", head_.trial.l2},
                             {"cross_validated", head_.cross_validated},
                             {"several_depths", false},
                             {"tried", head_.tried}};
    if (depths_.size() > 1 && !reporter_.stopped()) try_several_depths();
    show_head();
  }

  void try_several_depths() {
    JoinedFeatures joined = join_depths(at_depth_);
    HeadChoice several = choose_head(joined.data, reporter_, "head, several depths");
    result_.facts["head"]["tried_on_several_depths"] = several.tried;
    if (!clearly_lower(head_.best.losses, several.best.losses) ||
        several.trial.errors() > head_.trial.errors())
      return;
    several_ = std::move(several);
    joined_ = std::move(joined);
    result_.facts["head"]["several_depths"] = true;
    result_.facts["head"]["l2"] = several_->trial.l2;
  }

  void show_head() {
    const HeadChoice& chosen = several_ ? *several_ : head_;
    graph_ = several_ ? build(depths_) : build({depths_.front()});
    graph_.set_head(several_ ? joined_.unscaled(chosen.head) : chosen.head);
    result_.model = graph_.model;
    result_.validation_accuracy = chosen.validation.accuracy;
    result_.history.push_back({{"epoch", 0},
                               {"phase", "head"},
                               {"val_loss", chosen.validation.loss},
                               {"val_accuracy", chosen.validation.accuracy}});
    std::string line =
        cat("head solved on frozen features", several_ ? " of several depths" : "", ", L2 ", chosen.trial.l2,
            " of ", chosen.tried.size(), " tried: validation ", percent(chosen.validation.accuracy));
    if (chosen.cross_validated)
      line += cat(", cross-validated ",
                  percent(1 - chosen.trial.errors() / static_cast<double>(chosen.trial.wrong.size())));
    note(line);
  }

  ClassifierGraph build(const std::vector<SymbolicTensor>& depths) const {
    return build_classifier(base_, result_.image_size, photos_.class_names.size(), depths);
  }

  /// Once strength and depths are chosen, the validation photos may teach too.
  void refit_on_all() {
    const LinearHead head = several_ ? joined_.unscaled(solve_on_all(joined_.data, several_->trial.l2))
                                     : solve_on_all(at_depth_.front(), head_.trial.l2);
    graph_.set_head(head);
    note("the head was solved once more with the validation photos added");
  }

  bool worth_fine_tuning() {
    if (!plan_) {
      if (!why_not_.empty()) note(why_not_);
      return false;
    }
    const auto& labels = at_depth_.front().validation_labels;
    const HeadScore& score = (several_ ? *several_ : head_).validation;
    const auto errors =
        static_cast<std::size_t>(std::lround((1 - score.accuracy) * static_cast<double>(labels.size())));
    if (errors >= kFewErrors) return true;
    note(cat("no fine-tuning: the head errs on ", errors, " of ", labels.size(),
             " validation photos, so that a gain could not be told from chance"));
    return false;
  }

  /// True when fine-tuning was kept. It starts from the head on the base's output.
  bool fine_tune() {
    note(cat("fine-tuning from ", plan_->frontier.first_layer, " (layer ", plan_->frontier.layer_index,
             " of ", base_.model.layers().size(), "), ", plan_->epochs, " epochs, learning rate up to ",
             plan_->learning_rate));
    ClassifierGraph tuned = build({depths_.front()});
    tuned.set_head(head_.head);
    TailFit tail(run_, base_, *plan_, tuned);
    const RowScores head = (several_ ? *several_ : head_).on_validation;
    // Only now: at the frontier features are large, and mostly not needed.
    const Parts at_frontier = take(depths_.size());
    const RowScores after = tail.fit({.train = at_frontier.train,
                                      .validation = at_frontier.validation,
                                      .train_labels = at_depth_.front().train_labels,
                                      .validation_labels = at_depth_.front().validation_labels});
    const bool kept = no_more(head.wrong, after.wrong) &&
                      (clearly_lower(head.losses, after.losses) || clearly_lower(head.wrong, after.wrong));
    result_.facts["fine_tuning"]["kept"] = kept;
    if (!kept) {
      tail.restore();
      note(
          "fine-tuning not kept: the validation photos were not clearly better told apart than by the head "
          "alone");
      return false;
    }
    result_.validation_accuracy = result_.facts["fine_tuning"]["validation_accuracy"];
    result_.model = tuned.model;
    note("fine-tuning kept: it clearly told the validation photos better apart");
    return true;
  }

  const RecipeRun& run_;
  TrainResult& result_;
  const Photos& photos_;
  Reporter& reporter_;
  BaseModel base_;
  std::vector<SymbolicTensor> depths_;  ///< the base's output first
  std::optional<FineTuningPlan> plan_;  ///< unset: there is no fine-tuning
  std::string why_not_;
  std::unique_ptr<Features> train_, validation_;
  std::vector<HeadData> at_depth_;
  HeadChoice head_;                    ///< on the base's output
  std::optional<HeadChoice> several_;  ///< on several depths, where that is clearly better
  JoinedFeatures joined_;
  ClassifierGraph graph_;
};

}  // namespace

void train_automatic(const RecipeRun& run) {
  AutomaticRecipe(run).run();
  run.result.metadata["output"] = "softmax";
}

}  // namespace graft::transfer
