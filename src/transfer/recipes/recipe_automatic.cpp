// SPDX-License-Identifier: Apache-2.0
// The default recipe: frozen features once, a head solved to convergence, fine-tuning only where it helps;
// with one network or with two.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "transfer/base/operations.hpp"
#include "transfer/base/precision.hpp"
#include "transfer/context/networks.hpp"
#include "transfer/context/recipe_options.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/fine_tune/plan_by_clock.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/recipes/one_network.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/recipes/settle_precision.hpp"
#include "transfer/recipes/two_networks.hpp"
#include "transfer/result/early_model.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

class AutomaticStages {
 public:
  explicit AutomaticStages(const RunContext& run)
      : run_(run), recipe_(automatic_options(run.options)), photos_(run.photos), reporter_(run.reporter) {}

  Trained run() {
    reporter_.enter("model");
    load_networks();
    const ExecutionScope scope({.dtype_policy = settle_both_precisions()});
    describe_objective();
    for_each([](OneNetwork& network) { network.plan(); });
    say_how_long();
    const TrainingPhotos teaching{.train = {.photos = photos_.train, .groups = photos_.train_groups},
                                  .validation = photos_.validation};
    solve_heads_of(teaching);
    if (!reporter_.stopped()) {
      save_head();
      fine_tune(teaching);
    }
    finish();
    return trained_;
  }

 private:
  template <typename Step>
  void for_each(const Step& step) {
    step(*first_);
    if (second_) step(*second_);
  }

  void load_networks() {
    const NetworkNames names = networks_of(run_.options);
    const std::size_t of = names.second.empty() ? 1 : 2;
    first_.emplace(run_, names.first, of);
    if (of == 2) second_.emplace(run_, names.second, of);
  }

  /// bfloat16 only where neither network's features suffer.
  DTypePolicy settle_both_precisions() {
    const DTypePolicy first = settle_precision(run_, first_->base(), trained_);
    if (!second_ || first == DTypePolicy::float32) return first;
    const PrecisionChoice second = choose_precision(second_->base(), run_.image_size, photos_, run_.options);
    trained_.dtype_policy = second.policy;
    trained_.facts.precision = to_string(second.policy);
    if (second.policy != first) run_.note(cat("second network: ", second.note));
    return second.policy;
  }

  void describe_objective() {
    const Objective& objective = recipe_.optimize;
    if (objective.goal == Goal::accuracy) return;
    trained_.facts.optimize = objective;
    if (objective.goal == Goal::balanced)
      run_.note("optimised for the mean recall: all classes count the same, however many photos they have");
    if (objective.goal == Goal::recall)
      run_.note(cat("optimised for the recall of ", objective.class_name,
                    ": its photos count as much as those of all other classes together"));
  }

  /// By the speed of one batch. On the screen only: another run may say something else.
  void say_how_long() {
    if (recipe_.budget || !run_.options.progress) return;
    const std::size_t views = static_cast<std::size_t>(recipe_.views) * photos_.train.size() +
                              photos_.validation.size() + photos_.test.size();
    double head = 0;
    double tuning = 0;
    for_each([&](const OneNetwork& network) {
      const Model features = network.features();
      const double a_photo = seconds_per_photo(features);
      head += a_photo * static_cast<double>(views);
      if (!network.planned()) return;
      tuning += network.planned()->operations * a_photo / (kWithReading * operations_of(features));
    });
    const auto seconds = [](double value) { return cat(std::lround(std::ceil(value)), " s"); };
    std::string line = cat("about ", seconds(head), " until the head is solved");
    if (tuning > 0) line += cat(", then up to ", seconds(tuning), " for fine-tuning");
    reporter_.say(line);
  }

  void solve_heads_of(const TrainingPhotos& teaching) {
    reporter_.enter("features");
    first_->compute_features(teaching);
    trained_.facts.features = first_->feature_counts();
    reporter_.enter("head");
    first_->solve_head();
    first_->describe_head();
    const HeadScore validation = first_->on_validation();
    trained_.history.push_back(
        {.epoch = 0,
         .phase = "head",
         .values = {{"val_loss", validation.loss}, {"val_accuracy", validation.accuracy}}});
    if (!second_ || reporter_.stopped()) return;
    reporter_.enter("second network");
    solve_second(teaching);
  }

  /// A run that is stopped here keeps the first network's head.
  void solve_second(const TrainingPhotos& teaching) {
    try {
      second_->compute_features(teaching);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted) return;
      throw;
    }
    second_->solve_head();
    second_->describe_head();
  }

  [[nodiscard]] bool has_second_head() const { return second_ && !second_->heads().last.head.kernel.empty(); }

  /// The classifier as it is before fine-tuning, for whom cannot wait.
  void save_head() {
    const bool tunes = first_->wants_fine_tuning() || (has_second_head() && second_->wants_fine_tuning());
    if (run_.options.early_model.empty() || !tunes) return;
    Trained early{.output = trained_.output, .architecture = run_.options.model};
    early.model = has_second_head() ? join_networks(run_, *first_, *second_, false).model
                                    : first_->classifier(false).model;
    const std::filesystem::path nowhere;  // of the photos: not in a model file
    save_early_model({photos_, run_.options, nowhere, run_.image_size}, early);
    reporter_.say(cat("  a first model, the head alone, is in ", run_.options.early_model.string()));
  }

  void fine_tune(const TrainingPhotos& teaching) {
    reporter_.enter("fine_tuning");
    if (recipe_.budget) run_.note(budget_note(*recipe_.budget));
    first_->fine_tune(teaching, trained_.history, second_ ? 0.5 : 1);
    if (has_second_head() && !reporter_.stopped()) second_->fine_tune(teaching, trained_.history, 1);
  }

  /// The model: of one network, or the mean of both.
  void finish() {
    // Stopped before the second head was there: the first network alone.
    if (!has_second_head()) {
      finish_with(*first_);
      return;
    }
    reporter_.enter("second network");
    const AnswersOfTwo two = answers_of_two(*first_, *second_);
    if (two.mean_is_best()) {
      finish_with_both(two);
      return;
    }
    const bool first = two.first_loss <= two.second_loss;
    OneNetwork& better = first ? *first_ : *second_;
    run_.note(cat("only ", better.name(),
                  " is used: unseen photos have no less loss with the mean of both networks' answers"));
    finish_with(better);
    set_second(first ? *second_ : *first_, false);
  }

  /// Once strength and depths are chosen, heads may learn from the validation photos too; not where they are
  /// what a fine-tuned network is calibrated by.
  [[nodiscard]] bool learns_from_validation() const {
    const bool tuned = first_->tuned() || (second_ && second_->tuned());
    return !tuned && !reporter_.stopped();
  }

  void set_facts_of(const OneNetwork& network) {
    trained_.architecture = network.name();
    if (&network != &*first_) trained_.facts.weights = starting_weights(network.base().weights_file);
    trained_.facts.head = network.head_facts();
    trained_.facts.advice = network.place_facts();
    trained_.facts.fine_tuning = network.fine_tuning_facts();
    trained_.facts.fine_tuning_tried = network.tried_in_budget();
  }

  void set_second(const OneNetwork& network, bool used) {
    trained_.facts.second_network = SecondNetwork{.model = network.name(),
                                                  .used = used,
                                                  .head = network.head_facts(),
                                                  .fine_tuning = network.fine_tuning_facts()};
  }

  void finish_with(const OneNetwork& network) {
    set_facts_of(network);
    const bool with_validation = !network.tuned() && !reporter_.stopped();
    trained_.model = network.classifier(with_validation).model;
    trained_.validation_accuracy = network.on_validation().accuracy;
    trained_.head_is_final = !network.tuned();
    trained_.unseen = network.head_answers();
    trained_.pooled = network.pooled();
    if (with_validation) run_.note("the head was solved once more with the validation photos added");
  }

  void finish_with_both(const AnswersOfTwo& two) {
    set_facts_of(*first_);
    trained_.architecture = cat(first_->name(), "+", second_->name());
    set_second(*second_, true);
    trained_.model = join_networks(run_, *first_, *second_, learns_from_validation()).model;
    trained_.validation_accuracy = scores_of_answers(two.mean, true).mean().accuracy;
    trained_.head_is_final = !first_->tuned() && !second_->tuned();
    trained_.unseen =
        trained_.head_is_final ? two.mean : mean_of_answers(first_->head_answers(), second_->head_answers());
    run_.note(cat("mean of both networks' answers: validation ", percent(trained_.validation_accuracy),
                  ", loss on unseen photos, calibrated, ", std::min(two.first_loss, two.second_loss), " -> ",
                  two.mean_loss));
  }

  const RunContext& run_;
  AutomaticRecipe recipe_;
  const Photos& photos_;
  Reporter& reporter_;
  Trained trained_{.output = "softmax"};
  std::optional<OneNetwork> first_, second_;
};

}  // namespace

Trained train_automatic(const RunContext& run) { return AutomaticStages(run).run(); }

}  // namespace graft::transfer
