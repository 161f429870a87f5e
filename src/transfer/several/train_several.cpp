// SPDX-License-Identifier: Apache-2.0
#include "transfer/several/train_several.hpp"

#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/evaluation.hpp"

#include "transfer/context/recipe_options.hpp"
#include "transfer/frozen/frozen_run.hpp"
#include "transfer/frozen/refuse.hpp"
#include "transfer/several/several_head.hpp"
#include "transfer/several/several_photos.hpp"

namespace graft::transfer {
namespace {

class SeveralKind : public FrozenKind {
 public:
  [[nodiscard]] FrozenWords words() const override {
    return {.photos = "several labels",
            .method =
                "several labels a photo: a sigmoid head on the frozen network; fine-tuning is not "
                "possible yet",
            .activation = "sigmoid",
            .output = "sigmoid"};
  }
  void check_options(const TrainOptions& options) const override {
    refuse_with_frozen(options, {.photos = "several labels on a photo",
                                 .optimize = ", whose thresholds are chosen for the F1 of each class"});
  }
  [[nodiscard]] Photos split(const PhotoPool& pool, const TrainOptions& options) const override {
    return split_several(pool, options);
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
  [[nodiscard]] HeadMethod method(const FrozenData& data, const TrainOptions& options) override {
    positive_weights_ = positive_weights_of(data.train_truth, class_weight_of(options));
    return several_method(positive_weights_);
  }

  std::vector<std::string> measure_unseen(const StrengthChoice& choice, const FrozenData& data,
                                          const std::vector<std::string>& /*names*/) override {
    thresholds_ = find_label_thresholds(sigmoid_of(choice.values), choice.truth);
    const Tensor validation = choice.values.slice(0, data.validation_truth.shape()[0]);
    validation_ = several_labels_figures(sigmoid_of(validation), data.validation_truth, thresholds_);
    validation_loss_ = several_loss(validation, data.validation_truth);
    return {cat("head solved on frozen features, L2 ", choice.strength, " of ", choice.tried.size(),
                " tried: binary cross-entropy on ", choice.answered.size(), " unseen photos ", choice.loss,
                ", validation mean average precision ", percent(validation_.mean_average_precision)),
            cat("a threshold for each label, chosen for its F1 on the same answers; with fewer than ",
                kFewestForThreshold, " photos it is 0.5")};
  }

  LinearHead solve_last(const FrozenData& data, const StrengthChoice& choice) override {
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
    trained.facts.several = SeveralLabelsFacts{.class_names = photos.class_names,
                                               .thresholds = thresholds_,
                                               .validation = validation_,
                                               .test = figures};
    trained.metadata = {{"labels", "several"}, {"thresholds", thresholds_}};
    const auto exact =
        static_cast<std::size_t>(std::llround(figures.exact_match * static_cast<double>(figures.photos)));
    return {.accuracy = figures.exact_match, .interval = wilson_interval(exact, figures.photos)};
  }

  [[nodiscard]] Tensor answers_of(const Tensor& values) const override { return sigmoid_of(values); }
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
  std::vector<double> positive_weights_, thresholds_;
  SeveralLabelsFigures validation_;
  double validation_loss_ = 0;
};

}  // namespace

TrainResult train_several(const PhotoLists& lists, const std::filesystem::path& folder,
                          const TrainOptions& options, Reporter& reporter) {
  SeveralKind several;
  return train_frozen(several, lists, folder, options, reporter);
}

}  // namespace graft::transfer
