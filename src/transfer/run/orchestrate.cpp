// SPDX-License-Identifier: Apache-2.0
#include "transfer/run/orchestrate.hpp"

#include <algorithm>
#include <span>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/measure/score.hpp"
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

/// Notes what is known before training.
void describe_photos(const Photos& photos, Reporter& reporter) {
  reporter.note(describe(photos));
  for (const std::string& line : photos.notes) reporter.note(line);
  reporter.note(photos.split_note);
  report_left_out(photos.left_out, reporter);
}

/// Calibrates the trained model, whose weights change. Nothing without validation photos.
std::optional<classify::Calibration> calibrate(const RunContext& run, Model model,
                                               const std::string& output) {
  if (run.photos.validation.size() == 0) {
    run.note("not calibrated: there are no validation photos");
    return std::nullopt;
  }
  run.reporter.enter("calibration");
  const classify::Calibration found = classify::calibrate(model, run.photos.validation, output);
  run.note(cat("calibrated on ", found.photos, " validation photos: temperature ", found.temperature,
               ", expected calibration error ", percent(found.ece_before), " -> ", percent(found.ece_after)));
  return found;
}

}  // namespace

TrainResult run_stages(const Photos& photos, const TrainOptions& options, const RunPlace& place,
                       Reporter& reporter, const RunSteps& steps) {
  const ExecutionScope seed({.seed = options.seed});
  describe_photos(photos, reporter);
  RunState checkpoint(options, place.folder, photos, place.image_size, reporter);
  const RunContext run{.photos = photos,
                       .options = options,
                       .image_size = place.image_size,
                       .reporter = reporter,
                       .checkpoint = checkpoint};
  Trained trained = steps.train(run);
  // The photos are scored in the number format that the model was trained with.
  const ExecutionScope precision({.dtype_policy = trained.dtype_policy});
  const Model model = trained.model;
  model.functional()->attach(nullptr);  // training is over: its plans and their memory can go
  if (options.calibrate) trained.facts.calibration = calibrate(run, model, trained.output);
  reporter.enter("test");
  model.functional()->attach(nullptr);
  const TestScore test = score_test(model, trained.output, photos);
  TrainResult result =
      make_result({photos, options, place.folder, place.image_size}, std::move(trained), test, reporter);
  if (steps.compare) result.facts.rounds = steps.compare(run, result);
  result.notes = reporter.notes();
  result.facts.seconds = reporter.seconds();
  return result;
}

}  // namespace graft::transfer
