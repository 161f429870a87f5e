// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/train.hpp"

#include <map>

#include "graft/applications/catalogue.hpp"
#include "graft/base/error.hpp"
#include "graft/base/text.hpp"
#include "graft/base/version.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/transfer/calibration.hpp"

#include "transfer/precision.hpp"
#include "transfer/run_state.hpp"
#include "transfer/session.hpp"
#include "transfer/tutorial_model.hpp"

namespace graft::transfer {
namespace {

Size2D image_size_of(const TrainOptions& options) {
  if (options.recipe == Recipe::tutorial) return tutorial_size(options);
  if (options.image_size) return *options.image_size;
  const applications::Application& application = applications::find_application(options.model);
  return {application.default_size};
}

std::string describe(const Photos& photos) {
  std::map<int, std::size_t> count;
  for (const data::Dataset* part : {&photos.train, &photos.validation, &photos.test}) {
    for (const int label : part->labels()) ++count[label];
  }
  std::size_t total = 0;
  std::string each;
  for (std::size_t k = 0; k < photos.class_names.size(); ++k) {
    total += count[static_cast<int>(k)];
    each += cat(k == 0 ? "" : ", ", photos.class_names[k], " ", count[static_cast<int>(k)]);
  }
  return cat(photos.class_names.size(), " classes, ", with_commas(static_cast<std::int64_t>(total)),
             " photos: ", each);
}

/// Gives the trained model its temperature, and says what came of it.
void calibrate_result(const RecipeRun& run) {
  TrainResult& result = run.result;
  const auto note = [&](const std::string& line) {
    result.notes.push_back(line);
    run.reporter.say(line);
  };
  if (run.photos.validation.size() == 0) return note("not calibrated: there are no validation photos");
  run.reporter.enter("calibration");
  const Calibration found =
      calibrate(result.model, run.photos.validation, result.metadata.at("output").get<std::string>());
  result.facts["calibration"] = {{"temperature", found.temperature}, {"photos", found.photos},
                                 {"ece_before", found.ece_before},   {"ece_after", found.ece_after},
                                 {"loss_before", found.loss_before}, {"loss_after", found.loss_after}};
  note(cat("calibrated on ", found.photos, " validation photos: temperature ", found.temperature,
           ", expected calibration error ", percent(found.ece_before), " -> ", percent(found.ece_after)));
}

}  // namespace

TrainResult train(const std::filesystem::path& photos_folder, const TrainOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  set_random_seed(options.seed);
  if (options.precision != "auto") static_cast<void>(plan::precision_from_name(options.precision));
  const PolicyScope policy;
  TrainResult result;
  result.image_size = image_size_of(options);
  result.facts = Json::object();
  result.history = Json::array();
  Reporter reporter(options);
  reporter.enter("photos");
  const Photos photos =
      load_parts(photos_folder, options, result.image_size, options.recipe == Recipe::tutorial, reporter);
  result.class_names = photos.class_names;
  result.left_out = photos.left_out;
  result.train_photos = photos.train.size();
  result.validation_photos = photos.validation.size();
  result.test_photos = photos.test.size();
  for (const std::string& line : {describe(photos), photos.split_note}) {
    result.notes.push_back(line);
    reporter.say(line);
  }
  if (!photos.left_out.empty()) reporter.say(cat("  left out: ", photos.left_out.size(), " files"));
  RunState state(options, photos_folder, photos, result.image_size, reporter);
  const RecipeRun run{
      .result = result, .photos = photos, .options = options, .reporter = reporter, .state = state};
  if (options.recipe == Recipe::tutorial) {
    train_tutorial(run);
  } else {
    train_automatic(run);
  }
  if (options.tuning.calibrate) calibrate_result(run);
  reporter.enter("test");
  result.model.functional()->attach(nullptr);  // training is over: its plans and their memory can go
  score_test(result, photos);
  result.facts["seconds"] = reporter.seconds();
  result.stopped = reporter.stopped();
  result.metadata.update({{"graft_version", std::string(version())},
                          {"architecture", std::string(applications::find_application(options.model).name)},
                          {"class_names", result.class_names},
                          {"image_size", {result.image_size.height, result.image_size.width}},
                          {"interpolation", "bilinear"},
                          {"exif", options.exif == data::Exif::apply ? "apply" : "ignore"},
                          {"preprocessing", "in model"}});
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace graft::transfer
