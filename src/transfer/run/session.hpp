// SPDX-License-Identifier: Apache-2.0
// What the recipes share: photos in their parts, progress, features, scoring.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/disk_cache.hpp"
#include "graft/base/json.hpp"
#include "graft/data/photo_set.hpp"
#include "graft/training/training.hpp"
#include "graft/transfer/train.hpp"

#include "transfer/run/stopwatch.hpp"

namespace graft::transfer {

/// Tells the caller how far it is and remembers whether it asked to stop.
class Reporter {
 public:
  explicit Reporter(const TrainOptions& options) : options_(options) {}
  /// False when training is to stop.
  bool update(const std::string& stage, std::size_t done, std::size_t total, const std::string& unit);
  /// A sentence to keep on the screen.
  void say(const std::string& line);
  /// From here on time counts as this stage's.
  void enter(const std::string& stage);
  /// Seconds by stage, in the order of entering.
  [[nodiscard]] Json seconds();
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// Seconds since this reporter was made.
  [[nodiscard]] double passed() const { return clock_.seconds(); }
  /// Seconds until the budget ends, below 0 where it is over; nothing without a budget.
  [[nodiscard]] std::optional<double> seconds_left() const;
  /// Remembers that a loss was no longer a number, and where; the first time counts.
  void break_down(const std::string& what);
  [[nodiscard]] const std::string& broke_down() const { return broke_down_; }

 private:
  const TrainOptions& options_;
  Stopwatch clock_;
  bool stopped_ = false;
  std::string broke_down_;
  std::string stage_;
  std::chrono::steady_clock::time_point since_;
  std::vector<std::pair<std::string, double>> seconds_;
};

/// A sentence to keep with the result and on the screen.
void keep_note(TrainResult& result, Reporter& reporter, const std::string& line);

/// The photos in their three parts. Validation may be empty.
struct Photos {
  data::Dataset train, validation, test;
  std::vector<std::string> class_names;
  std::vector<data::LeftOut> left_out;
  std::string split_note;                 ///< how they were divided, in words
  std::vector<std::string> notes;         ///< what was noticed about them, sentence by sentence
  std::vector<std::size_t> train_groups;  ///< what belongs together, one number a photo of train; or empty
  Json duplicates;                        ///< for result.json; null when not looked for
  DiskCacheOptions cache;                 ///< where what is computed of them stays for later runs
};

/// "2 classes, 335 photos: ants 159, bees 176"
[[nodiscard]] std::string describe(const Photos& photos);

/// keras_split: validation is the last fifth of Keras's shuffled list, and without a test folder a fifth of
/// that is the test part, as in the tutorial; else graft's stratified split.
[[nodiscard]] Photos load_parts(const std::filesystem::path& folder, const TrainOptions& options,
                                Size2D image_size, bool keras_split, Reporter& reporter);

/// Which class each row of a model's output names: the larger output, or for one output whether it is above
/// the threshold: 0 for a logit, 0.5 for a probability.
[[nodiscard]] std::vector<int> predicted_classes(const Tensor& output, float threshold = 0);
/// The threshold for a model's one output, by its metadata.
[[nodiscard]] float threshold_of(const Json& metadata);

/// Runs the model over the test photos and fills test_accuracy, confusion and the counts.
void score_test(TrainResult& result, const Photos& photos);

/// What every recipe ends with: the test, what is known of the run, and what the files say beside the model.
void finish_training(TrainResult& result, const Photos& photos, const std::filesystem::path& folder,
                     const TrainOptions& options, Reporter& reporter);

/// A callback that reports each batch and epoch, and ends training when asked to stop, or when a loss is no
/// longer a number: then the weights go back to the last epoch's that was good, or to those of the beginning.
[[nodiscard]] CallbackPtr report_epochs(Reporter& reporter, Json& history, const std::string& phase,
                                        std::int64_t last_epoch);

class RunState;

/// What a recipe works on.
struct RecipeRun {
  TrainResult& result;
  const Photos& photos;
  const TrainOptions& options;
  Reporter& reporter;
  RunState& state;
  void note(const std::string& line) const { keep_note(result, reporter, line); }
};
void train_automatic(const RecipeRun& run);
void train_tutorial(const RecipeRun& run);
void train_classical_head(const RecipeRun& run);
/// Error{invalid_argument} where class weights are asked for and the head or recipe has no use for them.
void check_class_weight(const TrainOptions& options);
/// Fits what is trainable in result.model, as it is, and leaves it at its best epoch.
void train_network(const RecipeRun& run);
struct RoundHead {
  std::size_t known_classes = 0;  ///< the first so many outputs have learnt something
  std::size_t rehearsed = 0;      ///< photos of older rounds among those to learn from
};
/// Solves the last Dense layer of result.model anew on what comes into it, staying near what it knew. False
/// where the model does not end in one: then nothing was done.
[[nodiscard]] bool solve_round_head(const RecipeRun& run, const RoundHead& round);
/// train() for a network of one's own, or from an earlier round.
[[nodiscard]] TrainResult train_round(const std::filesystem::path& folder, const TrainOptions& options);

}  // namespace graft::transfer
