// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/train.hpp"

#include <map>

#include "graft/applications/catalogue.hpp"
#include "graft/base/error.hpp"
#include "graft/base/text.hpp"
#include "graft/base/version.hpp"
#include "graft/models/functional_model.hpp"

#include "transfer/precision.hpp"
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
  Tensor test_output;
  if (options.recipe == Recipe::tutorial) {
    train_tutorial(run);
  } else {
    test_output = train_automatic(run);
  }
  reporter.enter("test");
  result.model.functional()->attach(nullptr);  // training is over: its plans and their memory can go
  if (test_output.empty()) test_output = result.model.predict(photos.test);
  score_test(result, photos, test_output);
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
