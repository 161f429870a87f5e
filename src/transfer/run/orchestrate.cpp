// SPDX-License-Identifier: Apache-2.0
#include "transfer/run/orchestrate.hpp"

#include <algorithm>
#include <span>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "transfer/result/finish.hpp"

namespace graft::transfer {
namespace {

/// The first files that are not used; result.json has all of them.
void report_left_out(const std::vector<data::LeftOut>& files, Reporter& reporter) {
  constexpr std::size_t kNamed = 5;
  if (files.empty()) return;
  reporter.say(cat("  left out: ", files.size(), files.size() == 1 ? " file" : " files",
                   files.size() > kNamed ? "; the first, all are in skipped_images of result.json" : ""));
  for (const data::LeftOut& file : std::span(files).first(std::min(files.size(), kNamed)))
    reporter.say(cat("    ", shown(file.path.string()), ": ", file.reason));
}

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
  report_left_out(photos.left_out, reporter);
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
