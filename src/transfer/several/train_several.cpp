// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/train_several.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/evaluation.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/frozen/frozen_run.hpp"
#include "transfer/frozen/refuse.hpp"
#include "transfer/measure/calibration_note.hpp"
#include "transfer/measure/label_decisions.hpp"
#include "transfer/several/several_classical.hpp"
#include "transfer/several/several_head.hpp"
#include "transfer/several/several_photos.hpp"
#include "transfer/several/several_recalls.hpp"

namespace graft::transfer {
namespace {

/// Compared where no kind is named, or all are.
constexpr std::array kLabelHeads = {HeadKind::logistic, HeadKind::linear_svm};

/// The kinds of classical heads that the options name; none where they have another recipe.
std::vector<HeadKind> label_heads(const TrainOptions& options) {
  const auto* classical = std::get_if<ClassicalHeadRecipe>(&options.recipe);
  if (classical == nullptr) return {};
  if (classical->kinds.empty() || classical->kinds.size() == kHeadKinds)
    return {kLabelHeads.begin(), kLabelHeads.end()};
  return classical->kinds;
}

/// Throws Error{unsupported} for what classical heads have with one class a photo only.
void check_label_heads(const TrainOptions& options) {
  for (const HeadKind kind : label_heads(options)) {
    if (has_label_machines(kind)) continue;
    fail_option(ErrorKind::unsupported, "kinds",
                "kinds: not possible with several labels on a photo: ", to_string(kind),
                "; expected logistic or linear_svm");
  }
  const auto* classical = std::get_if<ClassicalHeadRecipe>(&options.recipe);
  if (classical != nullptr && classical->folds != ClassicalHeadRecipe{}.folds)
    fail_option(ErrorKind::unsupported, "folds",
                "folds: not possible with several labels on a photo, whose heads are compared on ",
                ClassicalHeadRecipe{}.folds, " folds and the validation photos; leave it out");
}

class SeveralKind : public FrozenKind {
 public:
  explicit SeveralKind(const EarlierLabels* earlier) : earlier_(earlier) {}
  [[nodiscard]] const EarlierModel* start() const override {
    return earlier_ == nullptr ? nullptr : &earlier_->start;
  }

  [[nodiscard]] FrozenWords words() const override {
    return {.photos = "several labels",
            .method = "several labels a photo: a sigmoid for each, solved on the frozen network",
            .activation = "sigmoid",
            .output = "sigmoid"};
  }
  void check_options(const TrainOptions& options) const override {
    refuse_with_frozen(options, {.photos = "several labels on a photo",
                                 .optimize = ", whose thresholds are chosen for the F1 of each class",
                                 .fine_tunes = true,
                                 .classical_heads = true,
                                 .recalls = true,
                                 .rejects = true});
    check_label_heads(options);
    if (class_weight_of(options) != ClassWeight::none && automatic_options(options).always_fine_tune)
      fail_option(
          ErrorKind::unsupported, "always_fine_tune",
          "always_fine_tune: not possible with several labels on a photo and class weights, which the "
          "head alone has; leave one of them out");
  }
  [[nodiscard]] std::unique_ptr<FrozenKind> another() const override {
    return std::make_unique<SeveralKind>(earlier_);
  }
  [[nodiscard]] RepeatedParts repeated(const PhotoPool& pool, const TrainOptions& options) const override {
    return {.split = [this, &pool](const TrainOptions& of_run) { return split(pool, of_run); },
            .folds = [&pool, &options] { return fold_several(pool, options); },
            .of_fold =
                [&pool](const TrainOptions& of_run, const std::vector<std::size_t>& fold) {
                  return several_parts_of_fold(pool, of_run, fold);
                }};
  }
  [[nodiscard]] Photos split(const PhotoPool& pool, const TrainOptions& options) const override {
    return split_several(pool, options,
                         earlier_ == nullptr ? std::map<std::string, Part>{} : earlier_->parts);
  }
  [[nodiscard]] TrainOptions options_for(const Photos& photos, const TrainOptions& options,
                                         Reporter& reporter) override {
    recalls_ = label_recalls(options, photos.class_names);
    if (recalls_.empty()) return options;
    return options_for_label_recalls(options, photos, !several_folds(photos, options.seed).empty(), reporter);
  }
  [[nodiscard]] std::string describe(const Photos& photos) const override {
    return graft::transfer::describe(photos);
  }
  [[nodiscard]] Tensor truth(const data::Dataset& part, std::size_t width) const override {
    return truth_of(part.label_sets(), width);
  }
  [[nodiscard]] PhotoFolds folds(const Photos& photos, std::uint64_t seed) const override {
    return several_folds(photos, seed);
  }
  [[nodiscard]] std::size_t ways(const TrainOptions& options) const override {
    return std::max<std::size_t>(label_heads(options).size(), 1);
  }
  void use_way(std::size_t way) override { way_ = way; }
  [[nodiscard]] HeadMethod method(const FrozenData& data, const TrainOptions& options) override {
    positive_weights_ = positive_weights_of(data.train_truth, class_weight_of(options));
    calibrates_ = calibrates(options);
    reject_accuracy_ = options.reject_accuracy;
    const std::vector<HeadKind> heads = label_heads(options);
    if (heads.empty()) return several_method(positive_weights_);
    head_ = HeadOptions{.kind = heads.at(way_), .class_weight = class_weight_of(options)};
    strengths_ = label_strengths(head_->kind, std::get<ClassicalHeadRecipe>(options.recipe).c);
    return label_head_method(head_->kind, strengths_, positive_weights_);
  }
  void remember_way(const StrengthChoice& choice) override {
    if (!head_) return;
    const auto labels = static_cast<double>(choice.truth.shape()[1]);
    for (const TriedStrength& tried : choice.tried) {
      TriedHead one{.options = *head_,
                    .accuracy = 1 - tried.errors / (labels * static_cast<double>(tried.photos)),
                    .by_fold = {}};
      one.options.c = tried.l2;
      search_.tried.push_back(one);
    }
    chosen_.push_back(*head_);
    chosen_.back().c = choice.strength;
  }

  std::vector<std::string> measure_unseen(const StrengthChoice& choice, const FrozenData& data,
                                          const std::vector<std::string>& /*names*/) override {
    const Tensor validation = choice.values.slice(0, data.validation_truth.shape()[0]);
    validation_loss_ = several_loss(validation, data.validation_truth);
    std::vector<std::string> notes = settle(choice.values, choice.truth, validation, data);
    if (head_) {
      head_ = chosen_.at(way_);
      search_.best = *head_;
      search_.rows = choice.answered.size();
      search_.folds = std::max<std::size_t>(data.folds.size(), 1);
    }
    notes.insert(notes.begin(),
                 cat("head solved on frozen features, ", head_ ? cat(to_string(head_->kind), ", C ") : "L2 ",
                     choice.strength, " of ", head_ ? search_.tried.size() : choice.tried.size(),
                     " tried: binary cross-entropy ", head_ ? "(calibrated) " : "", "on ",
                     choice.answered.size(), " unseen photos ", choice.loss,
                     ", validation mean average precision ", percent(validation_.mean_average_precision)));
    if (!positive_weights_.empty() && !head_)
      notes.emplace_back("no fine-tuning: class weights are for the head alone");
    return notes;
  }

  [[nodiscard]] const TailGoal* goal(const TrainOptions& options) const override {
    const bool tunes = class_weight_of(options) == ClassWeight::none && label_heads(options).empty();
    return tunes ? &several_labels_goal() : nullptr;
  }
  std::vector<std::string> measure_tuned(const Tensor& validation, const FrozenData& data) override {
    std::vector<std::string> notes = settle(validation, data.validation_truth, validation, data);
    notes.push_back(
        cat("fine-tuned: validation mean average precision ", percent(validation_.mean_average_precision)));
    return notes;
  }
  [[nodiscard]] double temperature() const override { return calibration_ ? calibration_->temperature : 1; }

  LinearHead solve_last(const FrozenData& data, const StrengthChoice& choice) override {
    if (head_) return solve_label_head_on_all(data, head_->kind, positive_weights_, choice.strength);
    return solve_several_on_all(data, positive_weights_, choice.strength);
  }
  [[nodiscard]] std::string note_on_last(const StrengthChoice& /*choice*/) const override {
    return "the head was solved once more with the validation photos added";
  }
  [[nodiscard]] std::vector<std::pair<std::string, double>> validation_values() const override {
    return {{"val_loss", validation_loss_},
            {"val_mean_average_precision", validation_.mean_average_precision}};
  }

  TestScore measure_test(const Tensor& answers, const Photos& photos, Trained& trained) override {
    const Tensor truths = truth_of(photos.test.label_sets(), photos.class_names.size());
    const SeveralLabelsFigures figures = several_labels_figures(answers, truths, thresholds_);
    trained.validation_accuracy = validation_.exact_match;
    trained.facts.calibration = calibration_;
    trained.facts.several =
        SeveralLabelsFacts{.class_names = photos.class_names,
                           .thresholds = thresholds_,
                           .validation = validation_,
                           .test = figures,
                           .levels = several_level_figures(photos.class_names, answers, truths, thresholds_),
                           .min_recall = rules_.min_recall};
    if (rules_.reject_below) {
      // A label that must not be missed has its threshold and figures like the others.
      trained.facts.decisions =
          DecisionFacts{.rules = {.reject_below = rules_.reject_below},
                        .chosen_on = chosen_on_,
                        .test = label_decision_figures(answers, truths, thresholds_, rules_)};
    }
    trained.metadata = {{"labels", "several"}, {"thresholds", thresholds_}};
    if (head_) {
      trained.facts.head.reset();
      trained.facts.classical_head = FittedHead{.options = *head_, .search = search_};
      trained.head_scores = head_->kind == HeadKind::linear_svm
                                ? "the sigmoid of the decision value of each label against the rest"
                                : "probabilities";
    }
    const auto exact =
        static_cast<std::size_t>(std::llround(figures.exact_match * static_cast<double>(figures.photos)));
    return {.accuracy = figures.exact_match, .interval = wilson_interval(exact, figures.photos)};
  }

  [[nodiscard]] std::vector<RoundScore> compare(const Tensor& before, const Tensor& now,
                                                const Photos& photos) const override {
    return score_label_rounds(*earlier_, {before, now, thresholds_}, photos);
  }

  [[nodiscard]] Tensor answers_of(const Tensor& values) const override {
    return sigmoid_of(values, temperature());
  }
  void add_truth(PhotoAnswers& answers, const std::vector<std::pair<Part, std::size_t>>& places,
                 const Photos& photos) const override {
    const std::vector<std::vector<int>> train = photos.train.label_sets(),
                                        validation = photos.validation.label_sets(),
                                        tested = photos.test.label_sets();
    for (const auto& [part, photo] : places) {
      const auto& sets = part == Part::train ? train : part == Part::validation ? validation : tested;
      answers.truth_sets.push_back(sets[photo]);
    }
  }

 private:
  /// Temperature, thresholds and rules by logits of unseen photos; figures of those for validation photos.
  std::vector<std::string> settle(const Tensor& unseen, const Tensor& truth, const Tensor& validation,
                                  const FrozenData& data) {
    std::vector<std::string> notes;
    calibration_.reset();
    if (calibrates_) calibration_ = calibrate_labels(unseen, truth);
    if (temperature() != 1) notes.push_back(calibration_note(*calibration_));
    const Tensor probabilities = sigmoid_of(unseen, temperature());
    thresholds_ = find_label_thresholds(probabilities, truth);
    LoweredThresholds lowered = lower_for_recalls(recalls_, probabilities, truth, thresholds_);
    rules_ = {
        .reject_below = find_label_reject_threshold(probabilities, truth, thresholds_, reject_accuracy_),
        .min_recall = std::move(lowered.rules)};
    chosen_on_ = label_decision_figures(probabilities, truth, thresholds_, rules_);
    validation_ =
        several_labels_figures(sigmoid_of(validation, temperature()), data.validation_truth, thresholds_);
    notes.push_back(cat("a threshold for each label, chosen for its F1 on answers for ", truth.shape()[0],
                        " unseen photos; with fewer than ", kFewestForThreshold, " photos of it it is 0.5"));
    notes.insert(notes.end(), lowered.notes.begin(), lowered.notes.end());
    if (reject_accuracy_ && !rules_.reject_below)
      notes.push_back(cat("no threshold for unknown: on ", truth.shape()[0],
                          " unseen photos no answers have all labels right in ", percent(*reject_accuracy_),
                          " of the cases, with one more counted as wrong as caution"));
    return notes;
  }

  const EarlierLabels* earlier_;  ///< null: a first round
  std::size_t way_ = 0;
  std::optional<HeadOptions> head_;  ///< classical: of the way in use, at the end the chosen one; unset: none
  std::vector<double> strengths_;    ///< classical: that the way in use tries
  std::vector<HeadOptions> chosen_;  ///< classical: of each way the best
  HeadSearch search_;                ///< classical
  std::vector<LabelRecall> recalls_;
  std::vector<double> positive_weights_, thresholds_;
  std::optional<double> reject_accuracy_;
  DecisionRules rules_;
  DecisionFigures chosen_on_;  ///< what the rules make of the photos that they were chosen by
  std::optional<classify::Calibration> calibration_;
  bool calibrates_ = true;
  SeveralLabelsFigures validation_;
  double validation_loss_ = 0;
};

}  // namespace

TrainResult train_several(const PhotoLists& lists, const std::filesystem::path& folder,
                          const TrainOptions& options, Reporter& reporter, const EarlierLabels* earlier) {
  for (const std::string& label : earlier == nullptr ? std::vector<std::string>{} : earlier->labels) {
    if (std::ranges::find(lists.train.class_names, label) != lists.train.class_names.end()) continue;
    fail_option(ErrorKind::invalid_argument, "from", "from: no photo has the earlier model's label '",
                printable(label), "', which would be forgotten; list the earlier photos beside the new ones");
  }
  SeveralKind several(earlier);
  return train_frozen(several, lists, folder, options, reporter);
}

}  // namespace graft::transfer
