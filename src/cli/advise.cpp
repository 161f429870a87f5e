// SPDX-License-Identifier: Apache-2.0
// graft advise PHOTOS
#include "graft/transfer/advise.hpp"

#include <iostream>
#include <memory>

#include "graft/applications/catalogue.hpp"
#include "graft/base/json.hpp"

#include "cli/budget_option.hpp"
#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/progress.hpp"
#include "cli/stop.hpp"

namespace graft::cli {
namespace {

struct AdviseCommand {
  std::string photos;
  std::string image_size;
  std::string test;
  transfer::AdviceOptions options;
  CommonOptions common;
};

int advise(AdviseCommand command) {
  transfer::TrainOptions& training = command.options.training;
  static_cast<void>(applications::find_application(training.model));
  if (!command.image_size.empty()) {
    const auto size = read_numbers(command.image_size, {.option = "--image-size", .fewest = 1, .most = 2});
    training.image_size = Size2D{size.front(), size.back()};
  }
  training.test = command.test;
  training.exif = exif_of(command.common, data::Exif::apply);
  apply(command.common);
  watch_for_interrupt();
  ProgressShow show(ProgressShow::style_for(command.common.quiet));
  training.progress = [&show](const transfer::Progress& progress) {
    show.show(progress);
    return !interrupted();
  };
  const transfer::Advice advice = transfer::advise(command.photos, command.options);
  if (command.common.json) {
    print_json(transfer::to_json(advice));
  } else {
    std::cout << transfer::to_text(advice);
  }
  return kOk;
}

}  // namespace

void add_advise(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("advise", "Measure how a network is best used for a folder of photos");
  auto given = std::make_shared<AdviseCommand>();
  transfer::TrainOptions& options = given->options.training;
  command->add_option("PHOTOS", given->photos, "a folder with one sub-folder of photos per class")
      ->required();
  command->add_option("--model", options.model, "the pretrained network")
      ->capture_default_str()
      ->type_name("NAME");
  command->add_option("--weights", options.weights, "its weights: imagenet, a file, or none")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_option("--image-size", given->image_size, "pixels, one number or H,W; default: as graft train")
      ->type_name("N");
  command->add_option("--test", given->test, "photos to judge the outcomes by; default: a part of PHOTOS")
      ->type_name("DIR");
  command->add_option("--precision", options.precision, "float32, mixed_bfloat16, or auto")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "float32", "mixed_bfloat16"}));
  command->add_option("--seed", options.seed, "of the split and all random numbers")->capture_default_str();
  command->add_flag_function(
      "--no-cache", [&options](std::int64_t) { options.disk_cache.use = false; },
      "compute all features anew and keep none");
  add_budget_option(*command, options.budget,
                    "for graft train with the same --budget, as 90s, 2m or 1h; the trials end within it too");
  command->add_flag("--exhaustive", given->options.exhaustive,
                    "run the three strategies in full too and set them beside the advice");
  add_common_options(*command, given->common);
  command->footer(
      "Three strategies are tried on a part of the photos: freeze the whole base, freeze part, train\n"
      "everything. What is clearly better on photos never seen is recommended; nothing is written.\n\n"
      "Examples:\n"
      "  graft advise flowers/\n"
      "  graft advise flowers/ --model efficientnet_lite0 --json\n"
      "  graft advise flowers/ --budget 2m\n"
      "  graft advise pets/train --test pets/test --exhaustive");
  command->callback([given, &run] { run = [given] { return advise(*given); }; });
}

}  // namespace graft::cli
