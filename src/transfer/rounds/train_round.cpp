// SPDX-License-Identifier: Apache-2.0
// Training that goes on from an earlier round, or starts from a network of one's own.
#include <cmath>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/plan/plan.hpp"

#include "transfer/features/precision.hpp"
#include "transfer/rounds/load_round.hpp"
#include "transfer/rounds/round_model.hpp"
#include "transfer/run/run_state.hpp"
#include "transfer/run/session.hpp"

namespace graft::transfer {
namespace {

double accuracy_of(Model model, const Json& metadata, const data::Dataset& photos) {
  const std::vector<int> truth = photos.labels();
  const std::vector<int> found = predicted_classes(model.predict(photos), threshold_of(metadata));
  std::size_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) right += truth[i] == found[i] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(truth.size());
}

/// More than what so few photos differ by chance: two standard errors of a difference.
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
    const auto start = std::chrono::steady_clock::now();
    const ExecutionScope scope({.threads = options_.threads, .seed = options_.seed});
    set_policy();
    result_.facts = Json::object();
    result_.history = Json::array();
    reporter_.enter("model");
    start_ = open_start(options_);
    if (!options_.rounds.from.empty()) earlier_ = read_rounds(rounds_folder(options_.rounds.from));
    reporter_.enter("photos");
    round_ =
        load_round({.folder = folder_,
                    .options = options_,
                    .earlier = earlier_,
                    .load = start_.load,
                    .classes = options_.rounds.from.empty() ? std::vector<std::string>{} : start_.classes},
                   reporter_);
    describe_photos();
    RunState state(options_, folder_, round_->photos, result_.image_size, reporter_);
    score_earlier("accuracy_before", start_.model);
    known_classes_ = start_.classes.size();
    const std::string changed = fit_classes(start_, result_.class_names);
    note(cat(start_.described, ", ", start_.load.image_size.height, " x ", start_.load.image_size.width,
             changed.empty() ? "" : "; ", changed));
    result_.model = start_.model;
    result_.metadata = start_.metadata;
    train({.result = result_,
           .photos = round_->photos,
           .options = options_,
           .reporter = reporter_,
           .state = state});
    finish_training(result_, round_->photos, folder_, options_, reporter_);
    score_earlier("accuracy", result_.model);
    compare_rounds();
    (*result_.facts)["seconds"] = reporter_.seconds();
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(result_);
  }

 private:
  void note(const std::string& line) { keep_note(result_, reporter_, line); }

  void set_policy() {
    // auto compares a frozen base's features, which a network that trains does not have.
    const std::string name = options_.precision == "auto" ? "float32" : options_.precision;
    ExecutionScope::innermost()->set_dtype_policy(dtype_policy_from_name(name));
    (*result_.facts)["precision"] = name;
  }

  void describe_photos() {
    const Photos& photos = round_->photos;
    result_.image_size = start_.load.image_size;
    result_.class_names = photos.class_names;
    result_.left_out = photos.left_out;
    result_.train_photos = photos.train.size();
    result_.validation_photos = photos.validation.size();
    result_.test_photos = photos.test.size();
    note(describe(photos));
    note(photos.split_note);
    if (!photos.left_out.empty()) reporter_.say(cat("  left out: ", photos.left_out.size(), " files"));
    if (!options_.rounds.from.empty() && earlier_.empty())
      note("nothing is known of the earlier rounds' photos: there is no " + std::string(kRoundsFile) +
           " beside the model");
  }

  void train(const RecipeRun& run) {
    const Recipe recipe = effective_recipe(options_);
    if (recipe == Recipe::automatic || recipe == Recipe::head) {
      if (solve_round_head(run, {.known_classes = known_classes_, .rehearsed = round_->rehearsed})) return;
      note(
          "the model does not end in a Dense layer whose weights could be solved: all that is trainable is "
          "trained by gradient");
    }
    train_network(run);
  }

  /// Fills one figure of each round's row: of the earlier ones' test photos, and of this one's.
  void score_earlier(const std::string& figure, const Model& model) {
    if (options_.rounds.from.empty()) return;
    reporter_.enter("earlier rounds");
    Json& rows = (*result_.facts)["rounds"];
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

  void compare_rounds() {
    if (options_.rounds.from.empty()) return;
    for (const Json& row : (*result_.facts)["rounds"]) {
      if (!row.contains("accuracy") || !row.contains("accuracy_then")) continue;
      const double before = row["accuracy_before"];
      const double now = row["accuracy"];
      if (!clearly_fell(before, now, row["test_photos"])) continue;
      note(cat("round ", row["round"].get<int>(), " was forgotten in part: its test photos went from ",
               percent(before), " to ", percent(now),
               options_.rounds.rehearses() ? "; rehearse more of its photos"
                                           : "; rehearse its photos with --rehearse 50"));
    }
  }

  const std::filesystem::path& folder_;
  const TrainOptions& options_;
  Reporter reporter_;
  TrainResult result_;
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
