// SPDX-License-Identifier: Apache-2.0
// graft lr-find PHOTOS
#include <iomanip>
#include <iostream>
#include <memory>

#include "graft/base/atomic_file.hpp"
#include "graft/base/error.hpp"
#include "graft/base/json.hpp"
#include "graft/transfer/find_rate.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/progress.hpp"
#include "cli/stop.hpp"
#include "cli/tuning_options.hpp"

namespace graft::cli {
namespace {

struct LrFindCommand {
  std::string photos;
  std::string image_size;
  std::string plot;
  bool fine_tuning = false;
  transfer::TrainOptions options{.recipe = transfer::Recipe::tutorial, .epochs = 1};
  LearningRateFinderOptions finder;
  CommonOptions common;
};

Json to_json(const LearningRateCurve& curve) {
  Json points = Json::array();
  for (const auto& point : curve.points)
    points.push_back({{"rate", point.rate}, {"loss", point.loss}, {"smoothed", point.smoothed}});
  return {{"suggestion", curve.suggestion},
          {"steepest", curve.steepest},
          {"least", curve.least},
          {"points", std::move(points)}};
}

void print_table(const LearningRateCurve& curve) {
  std::cout << "learning rate       loss   smoothed\n";
  const std::size_t every = std::max<std::size_t>(1, curve.points.size() / 20);
  for (std::size_t i = 0; i < curve.points.size(); i += every) {
    const auto& point = curve.points[i];
    std::cout << std::setw(13) << std::scientific << std::setprecision(2) << point.rate << std::fixed
              << std::setprecision(4) << std::setw(11) << point.loss << std::setw(11) << point.smoothed
              << '\n';
  }
  std::cout << std::scientific << std::setprecision(2);
  if (curve.suggestion > 0) {
    std::cout << "suggested learning rate " << curve.suggestion << " (steepest at " << curve.steepest
              << ", least loss at " << curve.least << ")\n";
  } else {
    std::cout << "no suggestion: the loss does not fall at any of these rates\n";
  }
}

int find(LrFindCommand command) {
  apply(command.common);
  if (!command.image_size.empty()) {
    const auto size = read_numbers(command.image_size, {.option = "--image-size", .fewest = 1, .most = 2});
    command.options.image_size = Size2D{size.front(), size.back()};
  }
  command.options.exif = exif_of(command.common, data::Exif::apply);
  watch_for_interrupt();
  ProgressShow show(ProgressShow::style_for(command.common.quiet));
  command.options.progress = [&show](const transfer::Progress& progress) {
    show.show(progress);
    return !interrupted();
  };
  const LearningRateCurve curve = transfer::find_rate(
      command.photos, command.options,
      command.fine_tuning ? transfer::RatePhase::fine_tuning : transfer::RatePhase::head, command.finder);
  if (!command.plot.empty()) write_file_atomically(command.plot, to_svg(curve));
  if (command.common.json) {
    print_json(to_json(curve));
  } else {
    print_table(curve);
  }
  return kOk;
}

}  // namespace

void add_lr_find(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("lr-find", "Find a learning rate for the tutorial recipe");
  auto given = std::make_shared<LrFindCommand>();
  command->add_option("PHOTOS", given->photos, "a folder with one sub-folder of photos per class")
      ->required();
  command->add_option("--model", given->options.model, "the pretrained network")
      ->capture_default_str()
      ->type_name("NAME");
  command->add_option("--weights", given->options.weights, "its weights: imagenet, a file, or none")
      ->capture_default_str()
      ->type_name("FILE");
  command->add_flag("--fine-tuning", given->fine_tuning,
                    "for the second phase: after one epoch of the head, from --fine-tune-from on");
  command->add_option("--from", given->finder.from, "lowest rate")->capture_default_str();
  command->add_option("--to", given->finder.to, "highest rate")->capture_default_str();
  command->add_option("--steps", given->finder.steps)->capture_default_str()->check(CLI::Range(10, 100000));
  command->add_option("--plot", given->plot, "draw the curve: an SVG file")->type_name("FILE");
  command->add_option("--image-size", given->image_size, "pixels, one number or H,W; default: 160")
      ->type_name("N");
  command->add_option("--seed", given->options.seed, "of the split, the order and all random numbers")
      ->capture_default_str();
  command->add_option("--batch-size", given->options.batch_size)
      ->capture_default_str()
      ->check(CLI::Range(1, 4096));
  add_freezing_options(*command, given->options);
  add_augment_option(*command, given->options.tuning.augment);
  add_common_options(*command, given->common);
  command->footer(
      "Trains for a few steps at rising rates and watches the loss; nothing is kept of it but the table.\n\n"
      "Examples:\n"
      "  graft lr-find pets/\n"
      "  graft lr-find pets/ --fine-tuning --fine-tune-from 100 --plot curve.svg");
  command->callback([given, &run] { run = [given] { return find(*given); }; });
}

}  // namespace graft::cli
