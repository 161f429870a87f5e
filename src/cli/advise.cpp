// SPDX-License-Identifier: Apache-2.0
// graft advise PHOTOS
#include <iostream>
#include <memory>

#include "graft/base/json.hpp"
#include "graft/train.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/first_network.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/training_options.hpp"

namespace graft::cli {
namespace {

struct AdviseArguments {
  std::string photos;
  std::string test;
  transfer::AdviceOptions options;
  transfer::AutomaticRecipe recipe;
  CommonOptions common;
};

int advise(const CLI::App& command, AdviseArguments given) {
  transfer::TrainOptions& training = given.options.training;
  complete_photos(given.photos, training.listing);
  choose_network(command, training);
  training.test = given.test;
  training.recipe = given.recipe;
  training.exif = given.common.exif.value_or(data::Exif::apply);
  training.threads = given.common.execution.threads;
  use_threads(given.common.execution);
  ProgressOnScreen progress(given.common.quiet, training);
  const transfer::Advice advice = transfer::advise(given.photos, given.options);
  if (given.common.json) {
    print_json(transfer::to_json(advice));
  } else {
    std::cout << transfer::to_text(advice);
  }
  return kOk;
}

}  // namespace

void add_advise(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("advise", "Measure which way of training a network suits your photos");
  auto given = std::make_shared<AdviseArguments>();
  transfer::TrainOptions& options = given->options.training;
  add_photos_argument(*command, given->photos);
  command->get_option("PHOTOS")->required(false);  // --labels has one
  add_label_options(*command, options.listing);
  add_nested_option(*command, options.listing);
  add_base_option(*command, options);
  add_base_weights_option(*command, options);
  add_image_size_option(*command, options, "as graft train");
  command->add_option("--test", given->test, "photos to score the outcomes on; default: a part of PHOTOS")
      ->type_name("DIR");
  add_training_precision_option(*command, options);
  add_seed_option(*command, options);
  add_cache_option(*command, options);
  add_budget_option(*command, given->recipe.budget,
                    "advise for graft train with this --budget (90s, 2m, 1h); the trials end within it too");
  command->add_flag("--exhaustive", given->options.exhaustive,
                    "also run the three strategies in full, and compare them with the advice");
  add_common_options(*command, given->common);
  command->footer(
      "Tries three strategies on a part of the photos: freeze the whole base, freeze a part of it, train "
      "everything. Recommends the one that is clearly better on unseen photos. Writes nothing. For "
      "--precision see graft train --help.\n\n"
      "Examples:\n"
      "  graft advise flowers/\n"
      "  graft advise flowers/ --model efficientnet_lite0 --json\n"
      "  graft advise flowers/ --budget 2m\n"
      "  graft advise pets/train --test pets/test --exhaustive");
  command->callback([given, command, &run] { run = [given, command] { return advise(*command, *given); }; });
}

}  // namespace graft::cli
