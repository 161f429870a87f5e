// SPDX-License-Identifier: Apache-2.0
// graft.h: training.
#include <memory>
#include <string>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/transfer/result_folder.hpp"

#include "c_api/guard.hpp"
#include "c_api/handles.hpp"

namespace graft::c_api {
namespace {

namespace fs = std::filesystem;

/// Shows a Progress to the caller. Returns whether to go on.
bool show(const Progress& progress, graft_progress_callback callback, void* user) {
  std::vector<const char*> names;
  std::vector<double> values;
  graft_progress shown{.size = sizeof(graft_progress),
                       .stage = progress.stage.c_str(),
                       .done = progress.done,
                       .total = progress.total,
                       .unit = progress.unit.c_str(),
                       .line = progress.line.c_str()};
  if (progress.epoch != nullptr) {
    for (const auto& [name, value] : progress.epoch->values) {
      names.push_back(name.c_str());
      values.push_back(value);
    }
    shown.epoch = progress.epoch->epoch;
    shown.value_count = names.size();
    shown.value_names = names.data();
    shown.values = values.data();
  }
  return callback(&shown, user) == 0;
}

void refuse_with(const std::string& recipe, const char* option, bool given) {
  if (given)
    fail_option(ErrorKind::invalid_argument, option, option, ": has no effect with the recipe ", recipe,
                "; leave it at 0");
}

Recipe recipe_of(const graft_train_options& given) {
  const std::string name = given.recipe == nullptr ? "auto" : given.recipe;
  const std::int64_t epochs = count_or_zero(given.epochs, "epochs");
  if (!(given.learning_rate >= 0)) {
    fail_option(ErrorKind::invalid_argument, "learning_rate",
                "learning_rate: expected a number above 0, received ", given.learning_rate);
  }
  refuse_with(name, "budget", given.budget != 0 && name != "auto");
  refuse_with(name, "epochs", epochs != 0 && name == "head");
  refuse_with(name, "learning_rate", given.learning_rate != 0 && (name == "auto" || name == "head"));
  if (name == "auto") {
    AutomaticRecipe recipe;
    if (epochs != 0) recipe.epochs = epochs;
    if (given.budget != 0) recipe.budget = given.budget;
    return recipe;
  }
  if (name == "head") return HeadRecipe{};
  if (name == "tutorial") {
    TutorialRecipe recipe{.learning_rate = given.learning_rate};
    if (epochs != 0) recipe.epochs = epochs;
    return recipe;
  }
  if (name == "network") {
    NetworkRecipe recipe{.learning_rate = given.learning_rate};
    if (epochs != 0) recipe.epochs = epochs;
    return recipe;
  }
  fail_option(ErrorKind::invalid_argument, "recipe",
              "recipe: expected auto, head, tutorial or network, received '", name, "'");
}

/// A folder with other files is refused before photos are read.
void set_result_folder(TrainOptions& options, const graft_train_options& given) {
  options.resume = flag(given.resume, "resume");
  if (given.result_folder == nullptr) {
    if (options.resume)
      fail_option(ErrorKind::invalid_argument, "resume",
                  "resume: expected result_folder too, the folder of the interrupted run");
    return;
  }
  const fs::path folder = given.result_folder;
  options.checkpoint = folder / kStateFile;
  options.early_model = folder / kModelFile;
  std::error_code ignored;
  if (options.resume || !fs::exists(folder, ignored) || fs::is_empty(folder, ignored)) return;
  fail_option(ErrorKind::invalid_argument, "result_folder", "result_folder: ", folder.string(),
              fs::exists(options.checkpoint, ignored)
                  ? " contains an interrupted run; continue it with resume, or name another folder"
                  : " exists already and is not empty; name another folder");
}

TrainOptions train_options(const graft_train_options& given) {
  TrainOptions options;
  set_result_folder(options, given);
  if (given.model != nullptr) options.model = given.model;
  if (given.weights != nullptr) options.weights = given.weights;
  options.recipe = recipe_of(given);
  if (const std::int64_t side = count_or_zero(given.image_size, "image_size"); side != 0)
    options.image_size = Size2D{side, side};
  if (const std::int64_t photos = count_or_zero(given.batch_size, "batch_size"); photos != 0)
    options.batch_size = photos;
  if (given.seed != 0) options.seed = given.seed;
  options.threads = execution_of(given.threads, nullptr).threads;
  if (given.precision != nullptr) options.precision = given.precision;
  options.validation = text_or_empty(given.validation);
  options.test = text_or_empty(given.test);
  if (given.progress != nullptr) {
    options.progress = [callback = given.progress, user = given.user](const Progress& progress) {
      return show(progress, callback, user);
    };
  }
  return options;
}

std::unique_ptr<graft_training> trained(const fs::path& photos, const graft_train_options& given) {
  const TrainOptions options = train_options(given);
  auto training = std::make_unique<graft_training>(graft_training{train(photos, options)});
  if (given.result_folder != nullptr) write_result(training->result, options, photos, given.result_folder);
  return training;
}

/// The same classifier as that of the result's model file.
std::unique_ptr<graft_classifier> classifier_of(const TrainResult& result, const graft_open_options& given) {
  if (given.class_names != nullptr || given.pixels != nullptr || given.weights != nullptr ||
      given.alpha != 0) {
    fail(ErrorKind::invalid_argument,
         "options: of a training only threads and precision may be set; leave the others at 0");
  }
  const Execution execution = execution_of(given.threads, given.precision);
  Classifier classifier(result.model, *result.metadata, execution);
  check_precision(classifier, execution);
  if (result.training_features != nullptr) classifier.set_training_features(*result.training_features);
  return std::make_unique<graft_classifier>(graft_classifier{std::move(classifier)});
}

graft_training_facts facts_of(const TrainResult& result) {
  return {.test_accuracy = result.test_accuracy,
          .test_accuracy_low = result.test_accuracy_interval.low,
          .test_accuracy_high = result.test_accuracy_interval.high,
          .validation_accuracy = result.validation_accuracy,
          .train_photos = result.train_photos,
          .validation_photos = result.validation_photos,
          .test_photos = result.test_photos,
          .left_out = result.left_out.size(),
          .seconds = result.seconds,
          .stopped = result.stopped ? 1 : 0,
          .network = result.network.c_str(),
          .broke_down = result.broke_down.c_str()};
}

}  // namespace
}  // namespace graft::c_api

using namespace graft::c_api;  // NOLINT(google-build-using-namespace,google-global-names-in-headers): what
                               // follows are C's functions

graft_status graft_train(const char* photos, const graft_train_options* options, graft_training** training,
                         graft_error** error) {
  return guarded_result(training, error, [&] {
    return trained(required_text(photos, "photos"), read_struct(options, "options"));
  });
}

void graft_training_free(graft_training* training) { delete training; }

graft_status graft_training_get_facts(const graft_training* training, graft_training_facts* facts,
                                      graft_error** error) {
  return guarded(error,
                 [&] { write_struct(facts_of(required(training, "training").result), facts, "facts"); });
}

size_t graft_training_note_count(const graft_training* training) {
  return training == nullptr ? 0 : training->result.notes.size();
}
const char* graft_training_note(const graft_training* training, size_t index) {
  return training == nullptr ? nullptr : text_at(training->result.notes, index);
}

graft_status graft_training_classifier(const graft_training* training, const graft_open_options* options,
                                       graft_classifier** classifier, graft_error** error) {
  return guarded_result(classifier, error, [&] {
    const graft::TrainResult& result = required(training, "training").result;
    return classifier_of(result, read_struct(options, "options"));
  });
}
