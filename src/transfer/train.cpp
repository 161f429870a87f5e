// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/train.hpp"

#include <map>

#include "graft/applications/catalogue.hpp"
#include "graft/base/error.hpp"
#include "graft/base/text.hpp"

#include "transfer/photo_size.hpp"
#include "transfer/precision.hpp"
#include "transfer/run_state.hpp"
#include "transfer/session.hpp"

namespace graft::transfer {
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

TrainResult train(const std::filesystem::path& photos_folder, const TrainOptions& options) {
  if (!options.rounds.from.empty() || is_network_file(options)) return train_round(photos_folder, options);
  const auto start = std::chrono::steady_clock::now();
  set_random_seed(options.seed);
  if (options.precision != "auto") static_cast<void>(plan::precision_from_name(options.precision));
  const PolicyScope policy;
  TrainResult result;
  result.image_size = image_size_for(photos_folder, options);
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
  result.metadata["architecture"] = applications::find_application(options.model).name;
  finish_training(result, photos, photos_folder, options, reporter);
  result.facts["seconds"] = reporter.seconds();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace graft::transfer
