// SPDX-License-Identifier: Apache-2.0
// Training that continues from an earlier round, or starts from the user's own network.
#include "transfer/run/train_round.hpp"

#include <cmath>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/context/stopwatch.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/measure/score.hpp"
#include "transfer/recipes/recipes.hpp"
#include "transfer/rounds/load_round.hpp"
#include "transfer/rounds/round_model.hpp"
#include "transfer/run/orchestrate.hpp"
#include "transfer/state/recipe_run.hpp"

namespace graft::transfer {
namespace {

double accuracy_of(Model model, const Json& metadata, const data::Dataset& photos) {
  const std::vector<int> truth = photos.labels();
  const std::vector<int> found = predicted_classes(model.predict(photos), threshold_of(metadata));
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

class Round {
 public:
  Round(const std::filesystem::path& folder, const TrainOptions& options)
      : folder_(folder), options_(options), reporter_(options) {}

  TrainResult run() {
    const Stopwatch clock;
    const ExecutionScope scope({.threads = options_.threads,
                                .dtype_policy = dtype_policy_from_name(precision()),
                                .seed = options_.seed});
    reporter_.enter("model");
    start_ = open_start(options_);
    if (goes_on()) earlier_ = read_rounds(rounds_folder(options_.rounds.from));
    reporter_.enter("photos");
    round_ = load_round({.folder = folder_,
                         .options = options_,
                         .earlier = earlier_,
                         .load = start_.load,
                         .classes = goes_on() ? start_.classes : std::vector<std::string>{}},
                        reporter_);
    TrainResult result = run_stages(round_->photos, options_, {folder_, start_.load.image_size}, reporter_,
                                    {.prepare = [this](const RecipeRun& run) { prepare(run); },
                                     .train = [this](const RecipeRun& run) { train(run); },
                                     .compare = [this](const RecipeRun& run) { compare(run); }});
    result.seconds = clock.seconds();
    return result;
  }

 private:
  [[nodiscard]] bool goes_on() const { return !options_.rounds.from.empty(); }

  /// auto compares a frozen base's features, which a network that trains does not have.
  [[nodiscard]] std::string precision() const {
    return options_.precision == "auto" ? "float32" : options_.precision;
  }

  void prepare(const RecipeRun& run) {
    if (goes_on() && earlier_.empty())
      run.note("nothing is known of the earlier rounds' photos: there is no " + std::string(kRoundsFile) +
               " beside the model");
    score_earlier(run, "accuracy_before", start_.model);
    known_classes_ = start_.classes.size();
    const std::string changed = fit_classes(start_, run.result.class_names);
    run.note(cat(start_.described, ", ", start_.load.image_size.height, " x ", start_.load.image_size.width,
                 changed.empty() ? "" : "; ", changed));
    run.result.model = start_.model;
    run.result.metadata = start_.metadata;
  }

  void compare(const RecipeRun& run) {
    score_earlier(run, "accuracy", run.result.model);
    compare_rounds(run);
  }

  void train(const RecipeRun& run) {
    const Recipe recipe = effective_recipe(options_);
    if (recipe == Recipe::automatic || recipe == Recipe::head) {
      if (solve_round_head(run, {.known_classes = known_classes_, .rehearsed = round_->rehearsed})) return;
      run.note(
          "the model does not end in a Dense layer whose weights could be solved: all that is trainable is "
          "trained by gradient");
    }
    train_network(run);
  }

  /// Fills one figure of each round's row: of the earlier ones' test photos, and of this one's.
  void score_earlier(const RecipeRun& run, const std::string& figure, const Model& model) {
    if (!goes_on()) return;
    reporter_.enter("earlier rounds");
    Json& rows = (*run.result.facts)["rounds"];
    if (rows.is_null()) {
      for (std::size_t i = 0; i <= earlier_.size(); ++i) rows.push_back(row(i));
    }
    for (std::size_t i = 0; i < earlier_.size(); ++i) {
      const std::optional<data::Dataset>& photos = round_->earlier[i].photos;
      if (photos) rows[i][figure] = accuracy_of(model, start_.metadata, *photos);
    }
    rows[earlier_.size()][figure] = accuracy_of(model, start_.metadata, round_->photos.test);
  }

  Json row(std::size_t i) const {
    if (i == earlier_.size()) {
      return {{"round", i + 1},
              {"photos", std::filesystem::absolute(folder_).lexically_normal().string()},
              {"test_photos", round_->photos.test.size()}};
    }
    const EarlierTest& test = round_->earlier[i];
    return {{"round", i + 1},
            {"photos", earlier_[i].photos},
            {"test_photos", test.photos ? test.photos->size() : 0},
            {"missing", test.missing},
            {"accuracy_then", earlier_[i].test_accuracy}};
  }

  void compare_rounds(const RecipeRun& run) {
    if (!goes_on()) return;
    for (const Json& row : (*run.result.facts)["rounds"]) {
      if (!row.contains("accuracy") || !row.contains("accuracy_then")) continue;
      const double before = row["accuracy_before"];
      const double now = row["accuracy"];
      if (!clearly_fell(before, now, row["test_photos"])) continue;
      run.note(cat("round ", row["round"].get<int>(), " was forgotten in part: its test photos went from ",
                   percent(before), " to ", percent(now),
                   options_.rounds.rehearses() ? "; rehearse more of its photos"
                                               : "; rehearse its photos with --rehearse 50"));
    }
  }

  const std::filesystem::path& folder_;
  const TrainOptions& options_;
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
