// SPDX-License-Identifier: Apache-2.0
#include "transfer/run/orchestrate.hpp"

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"

#include "transfer/result/finish.hpp"

namespace graft::transfer {
namespace {

/// A result with what is known before training: the photos.
TrainResult describe_photos(const Photos& photos, Size2D image_size, Reporter& reporter) {
  TrainResult result;
  result.image_size = image_size;
  result.facts = Json::object();
  result.history = Json::array();
  result.class_names = photos.class_names;
  result.left_out = photos.left_out;
  result.train_photos = photos.train.size();
  result.validation_photos = photos.validation.size();
  result.test_photos = photos.test.size();
  keep_note(result, reporter, describe(photos));
  for (const std::string& line : photos.notes) keep_note(result, reporter, line);
  keep_note(result, reporter, photos.split_note);
  if (!photos.left_out.empty()) reporter.say(cat("  left out: ", photos.left_out.size(), " files"));
  return result;
}

}  // namespace

TrainResult run_stages(const Photos& photos, const TrainOptions& options, const RunPlace& place,
                       Reporter& reporter, const RunSteps& steps) {
  ExecutionScope::innermost()->set_seed(options.seed);
  TrainResult result = describe_photos(photos, place.image_size, reporter);
  RunState state(options, place.folder, photos, place.image_size, reporter);
  const RecipeRun run{
      .result = result, .photos = photos, .options = options, .reporter = reporter, .state = state};
  if (steps.prepare) steps.prepare(run);
  steps.train(run);
  finish_training(result, photos, place.folder, options, reporter);
  if (steps.compare) steps.compare(run);
  (*result.facts)["seconds"] = reporter.seconds();
  return result;
}

}  // namespace graft::transfer
