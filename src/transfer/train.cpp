// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/train.hpp"

#include <map>

#include "graft/applications/catalogue.hpp"
#include "graft/base/error.hpp"
#include "graft/base/text.hpp"
#include "graft/base/version.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/photo_pool.hpp"
#include "transfer/precision.hpp"
#include "transfer/repeat.hpp"
#include "transfer/run_state.hpp"
#include "transfer/session.hpp"

namespace graft::transfer {
namespace {

constexpr std::int64_t kTutorialSize = 160;

Size2D image_size_of(const TrainOptions& options) {
  if (options.image_size) return *options.image_size;
  const applications::Application& application = applications::find_application(options.model);
  return options.recipe == Recipe::tutorial ? Size2D(kTutorialSize) : Size2D(application.default_size);
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

void check(const TrainOptions& options) {
  check_class_weight(options);
  if (options.precision != "auto") static_cast<void>(plan::precision_from_name(options.precision));
  if (options.honest.folds == 1 || options.honest.seeds < 1) {
    fail(ErrorKind::invalid_argument, "expected 2 folds or more and 1 seed or more, received ",
         options.honest.folds, " and ", options.honest.seeds);
  }
}

struct RunPlace {
  const std::filesystem::path& folder;
  Size2D image_size;
};

/// Trains by the recipe and measures on the test photos.
TrainResult run_recipe(const Photos& photos, const TrainOptions& options, const RunPlace& place,
                       Reporter& reporter) {
  set_random_seed(options.seed);
  TrainResult result;
  result.image_size = place.image_size;
  result.facts = Json::object();
  result.history = Json::array();
  result.class_names = photos.class_names;
  result.left_out = photos.left_out;
  result.train_photos = photos.train.size();
  result.validation_photos = photos.validation.size();
  result.test_photos = photos.test.size();
  const auto note = [&](const std::string& line) {
    result.notes.push_back(line);
    reporter.say(line);
  };
  note(describe(photos));
  for (const std::string& line : photos.notes) note(line);
  note(photos.split_note);
  if (!photos.left_out.empty()) reporter.say(cat("  left out: ", photos.left_out.size(), " files"));
  RunState state(options, place.folder, photos, place.image_size, reporter);
  const RecipeRun run{
      .result = result, .photos = photos, .options = options, .reporter = reporter, .state = state};
  if (!options.head.kinds.empty()) {
    train_classical_head(run);
  } else if (options.recipe == Recipe::tutorial) {
    train_tutorial(run);
  } else {
    train_automatic(run);
  }
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
  return result;
}

}  // namespace

TrainResult train(const std::filesystem::path& photos_folder, const TrainOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  check(options);
  const PolicyScope policy;
  const Size2D image_size = image_size_of(options);
  Reporter reporter(options);
  reporter.enter("photos");
  const bool keras_split = options.head.kinds.empty() && options.recipe == Recipe::tutorial;
  const PhotoPool pool = load_pool(photos_folder, options, image_size, reporter);
  const Photos photos = split_pool(pool, options, keras_split);
  const auto run_once = [&](const Photos& parts, const TrainOptions& settings, Reporter& reports) {
    return run_recipe(parts, settings, {photos_folder, image_size}, reports);
  };
  TrainResult result = run_once(photos, options, reporter);
  if (!photos.duplicates.is_null()) result.facts["duplicates"] = photos.duplicates;
  repeat_runs(result, pool, options, run_once);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace graft::transfer
