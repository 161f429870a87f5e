// SPDX-License-Identifier: Apache-2.0
// What the recipes share: photos in their parts, progress, features, scoring.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "graft/data/photo_set.hpp"
#include "graft/training/trainer.hpp"
#include "graft/transfer/train.hpp"

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

 private:
  const TrainOptions& options_;
  bool stopped_ = false;
  std::string stage_;
  std::chrono::steady_clock::time_point since_;
  std::vector<std::pair<std::string, double>> seconds_;
};

/// The photos in their three parts. Validation may be empty.
struct Photos {
  data::Dataset train, validation, test;
  std::vector<std::string> class_names;
  std::vector<data::LeftOut> left_out;
  std::string split_note;  ///< how they were divided, in words
};

/// keras_split: validation is the last fifth of Keras's shuffled list, and without a test folder a fifth of
/// that is the test part, as in the tutorial; else graft's stratified split.
[[nodiscard]] Photos load_parts(const std::filesystem::path& folder, const TrainOptions& options,
                                Size2D image_size, bool keras_split, Reporter& reporter);

/// Which class each row of a model's output names: the larger output, or for one output the sign of its
/// logit.
[[nodiscard]] std::vector<int> predicted_classes(const Tensor& output);

/// Fills test_accuracy and confusion from what the model says of the test photos.
void score_test(TrainResult& result, const Photos& photos, const Tensor& output);

/// A callback that reports each batch and epoch, and ends training when asked to stop.
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
};
/// What the model says of the test photos, where it is known already; else empty.
[[nodiscard]] Tensor train_automatic(const RecipeRun& run);
void train_tutorial(const RecipeRun& run);

}  // namespace graft::transfer
