// SPDX-License-Identifier: Apache-2.0
// Training that continues from an earlier round, or starts from the user's own network.
#include "transfer/run/train_round.hpp"

#include <cmath>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/hash.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/context/stopwatch.hpp"
#include "transfer/list/photo_lists.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/measure/score.hpp"
#include "transfer/numbers/train_numbers.hpp"
#include "transfer/recipes/network_training.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/rounds/load_round.hpp"
#include "transfer/rounds/round_model.hpp"
#include "transfer/run/orchestrate.hpp"
#include "transfer/several/train_several.hpp"
#include "transfer/state/compare_ranks.hpp"

namespace graft::transfer {
namespace {

double accuracy_of(Model model, const std::string& output, const data::Dataset& photos) {
  const std::vector<int> truth = photos.labels();
  const std::vector<int> found = predicted_classes(model.predict(photos), threshold_of(output));
  std::size_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) right += truth[i] == found[i] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(truth.size());
}

/// A larger drop than chance explains for this many photos: two standard errors of a difference.
bool clearly_fell(double before, double now, std::size_t photos) {
  const double middle = (before + now) / 2;
  const double error = std::sqrt(2 * std::max(middle * (1 - middle), 1e-9) / static_cast<double>(photos));
  return before - now > 2 * error;
}

/// How a later round of several labels or numbers trains: as the first one did. photos: "several labels on a
/// photo".
Recipe recipe_of_round(const RoundRecipe& round, const char* photos) {
  const auto refuse = [photos](bool given, const char* option, const char* why) {
    if (given) fail_option(ErrorKind::unsupported, option, option, ": not possible with ", photos, ": ", why);
  };
  refuse(!round.rehearse_folders.empty(), "rehearse_folders", "list the earlier photos beside the new ones");
  refuse(round.rehearse_per_class.has_value(), "rehearse_per_class",
         "list the earlier photos beside the new ones");
  refuse(!round.freeze.empty(), "freeze", "the recipe auto or head decides what trains");
  refuse(!round.fine_tune_from.empty(), "fine_tune_from", "the recipe auto or head decides what trains");
  refuse(round.learning_rate > 0, "learning_rate", "the recipe auto chooses it");
  refuse(round.recipe == RecipeName::network || round.recipe == RecipeName::tutorial, "recipe",
         "expected auto or head");
  if (round.recipe == RecipeName::head)
    return HeadRecipe{.views = round.views, .class_weight = round.class_weight};
  return AutomaticRecipe{.epochs = round.epochs, .views = round.views, .class_weight = round.class_weight};
}

/// What is known of their photos, wherever these are.
std::string hash_of_rounds(const std::vector<RoundRecord>& rounds) {
  Hasher hasher;
  for (const RoundRecord& round : rounds) {
    hasher.add(round.known.size());
    for (const KnownPhoto& photo : round.known)
      hasher.add(photo.print).add(photo.class_name).add(static_cast<int>(photo.part));
  }
  return to_hex(hasher.digest());
}

class Round {
 public:
  Round(const std::filesystem::path& folder, const TrainOptions& options)
      : folder_(folder),
        options_(options),
        recipe_(std::get_if<RoundRecipe>(&options.recipe)),
        reporter_(options) {}

  TrainResult run() {
    const Stopwatch clock;
    const ExecutionScope scope({.threads = options_.threads,
                                .dtype_policy = dtype_policy_from_name(precision()),
                                .seed = options_.seed});
    reporter_.enter("model");
    start_ = open_start(options_, recipe_ != nullptr);
    if (recipe_ != nullptr) earlier_ = read_rounds(rounds_folder(recipe_->from));
    compare_ranks(options_, {{"the model to start from", hash_of_weights(start_.model)},
                             {"the earlier rounds", hash_of_rounds(earlier_)}});
    if (start_.metadata.contains("labels")) return several(clock);
    if (classify::gives_numbers(start_.metadata)) return numbers(clock);
    const ContinuationPlan plan = continuation_plan(options_);
    if (!plan.solves_head) check_layer_names(start_.model, plan.network);
    reporter_.enter("photos");
    round_ = load_round({.folder = folder_,
                         .options = options_,
                         .earlier = earlier_,
                         .load = start_.load,
                         .classes = recipe_ != nullptr ? start_.classes : std::vector<std::string>{}},
                        reporter_);
    TrainResult result =
        run_stages(round_->photos, options_, {folder_, start_.load.image_size}, reporter_,
                   {.train = [this](const RunContext& run) { return train(run); },
                    .compare = [this](const RunContext& run,
                                      const TrainResult& trained) { return compare(run, trained); }});
    result.seconds = clock.seconds();
    return result;
  }

 private:
  /// The options of a later round of several labels or numbers: the network and the recipe of the earlier
  /// one.
  [[nodiscard]] TrainOptions options_like_before(const BuiltBase& built, const char* photos) const {
    TrainOptions options = options_;
    options.image_size = start_.load.image_size;
    // What auto once chose, and here another name may.
    const Json architecture = start_.metadata.value("architecture", Json());
    if (architecture.is_string()) options.model = architecture.get<std::string>();
    options.weights = built.weights;
    options.alpha = built.alpha;
    options.recipe = recipe_of_round(*recipe_, photos);
    return options;
  }

  /// The photos, the same in all ranks.
  [[nodiscard]] PhotoLists listed(const TrainOptions& options) {
    reporter_.enter("photos");
    reporter_.note(start_.described);
    note_on_unknown_photos();
    PhotoLists lists = list_parts(folder_, options);
    compare_ranks(options, {{"the list of photos", hash_of_list(lists.train)}});
    return lists;
  }

  /// Adds what a later round has beside a first one.
  void finish_round(TrainResult& result, const BuiltBase& built, const Stopwatch& clock) const {
    result.rounds.insert(result.rounds.begin(), earlier_.begin(), earlier_.end());
    result.facts.built_base = built;
    result.facts.rounds.back().photos = std::filesystem::absolute(folder_).lexically_normal().string();
    result.seconds = clock.seconds();
  }

  /// A later round of several labels a photo.
  TrainResult several(const Stopwatch& clock) {
    const BuiltBase built = earlier_base(recipe_->from);
    TrainOptions options = options_like_before(built, "several labels on a photo");
    options.listing.labels.several = true;
    options.listing.nested = options.listing.nested || classify::has_nested_classes(start_.classes);
    const EarlierLabels before{
        .start = {.model = start_.model, .file = start_.file},
        .labels = start_.classes,
        .thresholds = classify::label_thresholds(
            start_.metadata, classify::output_kind(start_.model, start_.metadata), start_.classes.size()),
        .rounds = earlier_,
        .parts = parts_by_print(earlier_)};
    const PhotoLists lists = listed(options);
    TrainResult result = train_several(lists, folder_, options, reporter_, &before);
    finish_round(result, built, clock);
    note_on_forgotten(result);
    return result;
  }

  /// A later round of numbers.
  TrainResult numbers(const Stopwatch& clock) {
    const BuiltBase built = earlier_base(recipe_->from);
    TrainOptions options = options_like_before(built, "numbers in place of classes");
    data::LabelSource& labels = options.listing.labels;
    if (!labels.file.empty() && labels.targets.empty()) labels.targets = start_.classes;
    const EarlierNumbers before{.start = {.model = start_.model, .file = start_.file},
                                .rounds = earlier_,
                                .parts = parts_by_print(earlier_)};
    const PhotoLists lists = listed(options);
    if (lists.train.targets.empty() || lists.train.class_names.size() != start_.classes.size())
      fail_option(ErrorKind::invalid_argument, "from", "from: ", start_.file,
                  " is a model that estimates numbers, ", comma_list(start_.classes),
                  "; expected a list with as many columns of them");
    TrainResult result = train_numbers(lists, folder_, options, reporter_, &before);
    finish_round(result, built, clock);
    return result;
  }

  /// Of several labels: the photos are all there, so that there is no more to rehearse.
  void note_on_forgotten(TrainResult& result) {
    for (const RoundScore& row : result.facts.rounds) {
      if (!row.accuracy || !row.accuracy_then) continue;
      if (!clearly_fell(*row.accuracy_before, *row.accuracy, row.test_photos)) continue;
      const std::string line =
          cat("round ", row.round, " was forgotten in part: of its test photos ",
              percent(*row.accuracy_before), " had all labels right, now ", percent(*row.accuracy));
      reporter_.note(line);
      result.notes.push_back(line);
    }
  }

  /// To be called where there was an earlier round.
  void note_on_unknown_photos() {
    if (earlier_.empty())
      reporter_.note("nothing is known of the earlier rounds' photos: there is no " +
                     std::string(kRoundsFile) + " beside the model");
  }

  /// auto compares a frozen base's features, which a network that trains does not have.
  [[nodiscard]] std::string precision() const {
    return options_.precision == "auto" ? "float32" : options_.precision;
  }

  /// What the earlier model's output is, as in its metadata.
  [[nodiscard]] std::string start_output() const { return start_.metadata.value("output", ""); }

  /// The model to start from, with this round's classes, and its scores on the test photos.
  Trained prepare(const RunContext& run) {
    if (recipe_ != nullptr) note_on_unknown_photos();
    Trained start{.metadata = start_.metadata};
    start.facts.weights = starting_weights(start_.file);
    if (recipe_ != nullptr) {
      for (std::size_t i = 0; i <= earlier_.size(); ++i) start.facts.rounds.push_back(row(i));
      score(start.facts.rounds, &RoundScore::accuracy_before, start_.model);
    }
    known_classes_ = start_.classes.size();
    const std::string changed = fit_classes(start_, run.photos.class_names);
    run.note(cat(start_.described, ", ", start_.load.image_size.height, " x ", start_.load.image_size.width,
                 changed.empty() ? "" : "; ", changed));
    start.model = start_.model;
    return start;
  }

  Trained train(const RunContext& run) {
    Trained start = prepare(run);
    const ContinuationPlan plan = continuation_plan(options_);
    if (plan.solves_head) {
      const std::optional<Trained> solved = solve_round_head(run, start,
                                                             {.known_classes = known_classes_,
                                                              .rehearses = round_->rehearsed > 0,
                                                              .views = plan.views,
                                                              .class_weight = plan.class_weight,
                                                              .train = round_->train,
                                                              .validation = round_->validation,
                                                              .covered = round_->covered});
      if (solved) return *solved;
      run.note(
          "the model does not end in a Dense layer whose weights could be solved: all that is trainable is "
          "trained by gradient");
    }
    return train_network(run, std::move(start), plan.network);
  }

  std::vector<RoundScore> compare(const RunContext& run, const TrainResult& trained) {
    std::vector<RoundScore> rows = trained.facts.rounds;
    if (recipe_ == nullptr) return rows;
    score(rows, &RoundScore::accuracy, trained.model);
    for (const RoundScore& row : rows) {
      if (!row.accuracy || !row.accuracy_then) continue;
      if (!clearly_fell(*row.accuracy_before, *row.accuracy, row.test_photos)) continue;
      run.note(cat("round ", row.round, " was forgotten in part: its test photos went from ",
                   percent(*row.accuracy_before), " to ", percent(*row.accuracy),
                   recipe_->rehearses() ? "; rehearse more of its photos"
                                        : "; rehearse its photos, for example 50 per class"));
    }
    return rows;
  }

  /// Fills one figure of each round's row: of the earlier ones' test photos, and of this one's.
  void score(std::vector<RoundScore>& rows, std::optional<double> RoundScore::*figure, const Model& model) {
    reporter_.enter("earlier rounds");
    for (std::size_t i = 0; i < earlier_.size(); ++i) {
      const std::optional<data::Dataset>& photos = round_->earlier[i].photos;
      if (photos) rows[i].*figure = accuracy_of(model, start_output(), *photos);
    }
    rows[earlier_.size()].*figure = accuracy_of(model, start_output(), round_->photos.test);
  }

  RoundScore row(std::size_t i) const {
    if (i == earlier_.size()) {
      return {.round = i + 1,
              .photos = std::filesystem::absolute(folder_).lexically_normal().string(),
              .test_photos = round_->photos.test.size()};
    }
    const EarlierTest& test = round_->earlier[i];
    return {.round = i + 1,
            .photos = earlier_[i].photos,
            .test_photos = test.photos ? test.photos->size() : 0,
            .missing = test.missing,
            .accuracy_then = earlier_[i].test_accuracy};
  }

  const std::filesystem::path& folder_;
  const TrainOptions& options_;
  const RoundRecipe* recipe_;  ///< null: the user's own network, and no earlier round
  Reporter reporter_;
  StartModel start_;
  std::vector<RoundRecord> earlier_;
  std::size_t known_classes_ = 0;
  std::optional<RoundPhotos> round_;
};

}  // namespace

TrainResult train_round(const std::filesystem::path& folder, const TrainOptions& options) {
  return Round(folder, options).run();
}

}  // namespace graft::transfer
