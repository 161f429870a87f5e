// SPDX-License-Identifier: Apache-2.0
#include "transfer/numbers/train_numbers.hpp"

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/evaluation.hpp"

#include "transfer/frozen/frozen_run.hpp"
#include "transfer/frozen/refuse.hpp"
#include "transfer/numbers/numbers_head.hpp"
#include "transfer/numbers/numbers_photos.hpp"

namespace graft::transfer {
namespace {

class NumbersKind : public FrozenKind {
 public:
  [[nodiscard]] FrozenWords words() const override {
    return {.photos = "numbers",
            .method = "numbers: ridge regression on the frozen network; fine-tuning is not possible yet",
            .activation = "linear",
            .output = "numbers"};
  }
  void check_options(const TrainOptions& options) const override {
    refuse_with_frozen(options, {.photos = "numbers in place of classes",
                                 .optimize = ", whose squared error is minimised",
                                 .calibrate = ": they are no probabilities",
                                 .class_weight = "; a column of weights weighs photos"});
  }
  [[nodiscard]] Photos split(const PhotoPool& pool, const TrainOptions& options) const override {
    return split_numbers(pool, options);
  }
  [[nodiscard]] std::string describe(const Photos& photos) const override { return describe_numbers(photos); }
  [[nodiscard]] Tensor truth(const data::Dataset& part, std::size_t /*width*/) const override {
    return part.targets();
  }
  [[nodiscard]] PhotoFolds folds(const Photos& photos, std::uint64_t seed) const override {
    return numbers_folds(photos, seed);
  }
  [[nodiscard]] HeadMethod method(const FrozenData& data, const TrainOptions& /*options*/) override {
    return numbers_method(data);
  }

  std::vector<std::string> measure_unseen(const StrengthChoice& choice, const FrozenData& data,
                                          const std::vector<std::string>& names) override {
    intervals_ = find_number_intervals(choice.values, choice.truth);
    unseen_ = number_figures(choice.values, choice.truth);
    validation_ =
        number_figures(choice.values.slice(0, data.validation_truth.shape()[0]), data.validation_truth);
    std::vector<std::string> notes;
    for (std::size_t k = 0; k < names.size(); ++k)
      notes.push_back(cat(names[k], ": mean absolute error on ", choice.answered.size(), " unseen photos ",
                          unseen_[k].mean_absolute_error,
                          unseen_[k].r2 ? cat(", R2 ", *unseen_[k].r2) : std::string()));
    notes.push_back(intervals_.half_widths.empty()
                        ? cat("too few photos for intervals: ", intervals_.photos, " unseen ones")
                        : cat("of the same answers 90 % are at most this far off, the intervals of predict: ",
                              comma_list(intervals_.half_widths, [](double width) { return cat(width); })));
    return notes;
  }

  LinearHead solve_last(const FrozenData& data, const StrengthChoice& choice) override {
    RidgeHead solved = solve_numbers_on_all(data, choice.strength);
    alpha_ = solved.alpha;
    return std::move(solved.head);
  }
  [[nodiscard]] std::string note_on_last(const StrengthChoice& choice) const override {
    return cat("head solved in closed form, alpha ", alpha_, ", the best of ", choice.tried.size(),
               " tried; once more with the validation photos added");
  }
  [[nodiscard]] std::vector<std::pair<std::string, double>> validation_values() const override {
    double squared = 0, absolute = 0;
    const auto numbers = static_cast<double>(validation_.size());
    for (const NumberFigures& one : validation_) {
      squared += one.mean_squared_error / numbers;
      absolute += one.mean_absolute_error / numbers;
    }
    return {{"val_loss", squared}, {"val_mean_absolute_error", absolute}};
  }

  TestScore measure_test(const Tensor& answers, const Photos& photos, Trained& trained) override {
    trained.facts.numbers = NumbersFacts{.names = photos.class_names,
                                         .alpha = alpha_,
                                         .intervals = intervals_,
                                         .unseen = unseen_,
                                         .validation = validation_,
                                         .test = number_figures(answers, photos.test.targets(), intervals_)};
    if (!intervals_.half_widths.empty())
      trained.metadata = {{"intervals",
                           {{"level", intervals_.level},
                            {"half_widths", intervals_.half_widths},
                            {"photos", intervals_.photos}}}};
    return {};
  }

  void add_truth(PhotoAnswers& answers, const std::vector<std::pair<Part, std::size_t>>& places,
                 const Photos& photos) const override {
    const Tensor train = photos.train.targets(), validation = photos.validation.targets(),
                 tested = photos.test.targets();
    answers.truth_numbers = Tensor(answers.probabilities.shape());
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto& [part, photo] = places[i];
      const Tensor& from = part == Part::train ? train : part == Part::validation ? validation : tested;
      const auto row = static_cast<std::int64_t>(i), at = static_cast<std::int64_t>(photo);
      answers.truth_numbers.slice(row, row + 1).copy_from(from.slice(at, at + 1));
    }
  }

 private:
  NumberIntervals intervals_;
  std::vector<NumberFigures> unseen_, validation_;
  double alpha_ = 0;
};

}  // namespace

TrainResult train_numbers(const PhotoLists& lists, const std::filesystem::path& folder,
                          const TrainOptions& options, Reporter& reporter) {
  NumbersKind numbers;
  return train_frozen(numbers, lists, folder, options, reporter);
}

}  // namespace graft::transfer
