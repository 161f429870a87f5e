// SPDX-License-Identifier: Apache-2.0
#include "transfer/numbers/train_numbers.hpp"

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
#include "transfer/numbers/numbers_head.hpp"
#include "transfer/numbers/numbers_photos.hpp"
#include "transfer/recipes/frozen_head.hpp"
#include "transfer/recipes/settle_precision.hpp"
#include "transfer/result/finish.hpp"
#include "transfer/state/run_context.hpp"

namespace graft::transfer {
namespace {

/// The stages of one run, in their order.
class NumbersStages {
 public:
  NumbersStages(const RunContext& run, const std::filesystem::path& folder)
      : run_(run), folder_(folder), numbers_(run.photos.class_names.size()) {}

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
    run_.note(describe_numbers(run_.photos));
    for (const std::string& line : run_.photos.notes) run_.note(line);
    run_.note(run_.photos.split_note);
    run_.note("numbers: ridge regression on the frozen network; fine-tuning is not possible yet");
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
    data_.train_truth = photos.train.targets();
    data_.validation_truth = photos.validation.targets();
    data_.folds = numbers_folds(photos, run_.options.seed);
    data_.photo_weights = head_weights(photos);
  }

  /// With the photos as they are and, where there are more views, with all of them: what has less loss on
  /// unseen photos.
  void choose() {
    run_.reporter.enter("head");
    choice_ = choose_numbers_head(plain_numbers(data_), run_.reporter, "head");
    if (automatic_options(run_.options).views > 1 && !run_.reporter.stopped()) {
      NumbersChoice with_views = choose_numbers_head(data_, run_.reporter, "head, mirrored");
      mirrored_ = with_views.loss < choice_.loss;
      if (mirrored_) choice_ = std::move(with_views);
    }
    if (!mirrored_) data_ = plain_numbers(data_);
    intervals_ = find_number_intervals(choice_.answers, choice_.truth);
    unseen_ = number_figures(choice_.answers, choice_.truth);
    const std::int64_t photos = data_.validation_truth.shape()[0];
    validation_ = number_figures(choice_.answers.slice(0, photos), data_.validation_truth);
    for (std::size_t k = 0; k < numbers_; ++k)
      run_.note(cat(run_.photos.class_names[k], ": mean absolute error on ", choice_.answered.size(),
                    " unseen photos ", unseen_[k].mean_absolute_error,
                    unseen_[k].r2 ? cat(", R2 ", *unseen_[k].r2) : std::string()));
    run_.note(intervals_.half_widths.empty()
                  ? cat("too few photos for intervals: ", intervals_.photos, " unseen ones")
                  : cat("of the same answers 90 % are at most this far off, the intervals of predict: ",
                        comma_list(intervals_.half_widths, [](double width) { return cat(width); })));
  }

  void finish_model() {
    ClassifierGraph graph =
        build_classifier(base_, run_.image_size, numbers_, {base_.model.outputs().front()}, "linear");
    const RidgeHead solved = solve_numbers_on_all(data_, choice_.strength);
    graph.set_head(solved.head);
    alpha_ = solved.alpha;
    run_.note(cat("head solved in closed form, alpha ", alpha_, ", the best of ", choice_.tried.size(),
                  " tried; once more with the validation photos added"));
    trained_.model = graph.model;
    trained_.output = "numbers";
    trained_.architecture = run_.options.model;
    trained_.facts.head = SolvedHead{.l2 = choice_.strength,
                                     .cross_validated = !data_.folds.empty(),
                                     .views = mirrored_ ? automatic_options(run_.options).views : 1,
                                     .mirrored = mirrored_,
                                     .tried = choice_.tried};
    EpochRow row{.epoch = 0, .phase = "head", .values = {}};
    double squared = 0, absolute = 0;
    for (const NumberFigures& one : validation_) {
      squared += one.mean_squared_error / static_cast<double>(numbers_);
      absolute += one.mean_absolute_error / static_cast<double>(numbers_);
    }
    row.values = {{"val_loss", squared}, {"val_mean_absolute_error", absolute}};
    trained_.history.push_back(row);
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
    trained_.facts.numbers =
        NumbersFacts{.names = run_.photos.class_names,
                     .alpha = alpha_,
                     .intervals = intervals_,
                     .unseen = unseen_,
                     .validation = validation_,
                     .test = number_figures(test, run_.photos.test.targets(), intervals_)};
    if (!intervals_.half_widths.empty())
      trained_.metadata = {{"intervals",
                            {{"level", intervals_.level},
                             {"half_widths", intervals_.half_widths},
                             {"photos", intervals_.photos}}}};
    Measured measured{.test = {}, .answers = answers(test)};
    TrainResult result = make_result({run_.photos, run_.options, folder_, run_.image_size},
                                     std::move(trained_), std::move(measured), run_.reporter);
    result.notes = run_.reporter.notes();
    result.facts.seconds = run_.reporter.seconds();
    result.facts.duplicates = run_.photos.duplicates;
    return result;
  }

  [[nodiscard]] PhotoAnswers answers(const Tensor& test) const {
    const Photos& photos = run_.photos;
    OrderedAnswers ordered = order_answers(photos, {choice_.answered, choice_.folds, choice_.answers}, test);
    const Tensor train = photos.train.targets(), validation = photos.validation.targets(),
                 tested = photos.test.targets();
    Tensor& truth = ordered.answers.truth_numbers;
    truth = Tensor(ordered.answers.probabilities.shape());
    for (std::size_t i = 0; i < ordered.places.size(); ++i) {
      const auto& [part, photo] = ordered.places[i];
      const Tensor& from = part == Part::train ? train : part == Part::validation ? validation : tested;
      const auto row = static_cast<std::int64_t>(i), at = static_cast<std::int64_t>(photo);
      truth.slice(row, row + 1).copy_from(from.slice(at, at + 1));
    }
    return std::move(ordered.answers);
  }

  const RunContext& run_;
  const std::filesystem::path& folder_;
  std::size_t numbers_;
  BaseModel base_;
  Trained trained_;
  NumbersData data_;
  NumbersChoice choice_;
  NumberIntervals intervals_;
  std::vector<NumberFigures> unseen_, validation_;
  double alpha_ = 0;
  bool mirrored_ = false;
};

}  // namespace

TrainResult train_numbers(const PhotoLists& lists, const std::filesystem::path& folder,
                          const TrainOptions& given, Reporter& reporter) {
  check_numbers_options(given);
  const TrainOptions options = with_named_network(given, "numbers", reporter);
  const ExecutionScope seed({.seed = options.seed});
  const Size2D size = image_size_for(lists.train, options);
  const Photos photos = split_numbers(load_pool(lists, options, size, reporter), options);
  RunState checkpoint(options, folder, photos, size, reporter);  // keeps nothing: there is no file
  const RunContext run{.photos = photos,
                       .options = options,
                       .image_size = size,
                       .reporter = reporter,
                       .checkpoint = checkpoint};
  return NumbersStages(run, folder).run();
}

}  // namespace graft::transfer
