// SPDX-License-Identifier: Apache-2.0
// graft lr-find PHOTOS
#include <iomanip>
#include <iostream>
#include <memory>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/train.hpp"
#include "graft/transfer/earlier_run.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/first_network.hpp"
#include "cli/out_folder.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/training_options.hpp"

namespace graft::cli {
namespace {

struct LrFindArguments {
  std::string photos;
  std::string plot;
  bool fine_tuning = false;
  transfer::TrainOptions options;
  transfer::TutorialRecipe recipe{.epochs = 1};
  LearningRateFinderOptions finder;
  CommonOptions common;
};

Json to_json(const LearningRateCurve& curve) {
  Json points = Json::array();
  for (const auto& point : curve.points)
    points.push_back({{"rate", point.rate}, {"loss", point.loss}, {"smoothed", point.smoothed}});
  return {{"suggestion", curve.suggestion},
          {"steepest", curve.fastest_fall},
          {"least", curve.lowest_loss},
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
    std::cout << "suggested learning rate " << curve.suggestion << " (the loss falls fastest at "
              << curve.fastest_fall << " and is lowest at " << curve.lowest_loss << ")\n";
  } else {
    std::cout << "no suggestion: the loss does not fall at any of these rates\n";
  }
}

/// Options of the tutorial recipe, which a network of the user's own does not have.
transfer::NetworkRecipe own_network_recipe(const CLI::App& command, const LrFindArguments& given) {
  for (const char* flag : {"--fine-tuning", "--augment"}) {
    if (command.count(flag) > 0)
      fail(ErrorKind::invalid_argument, flag, ": has no effect with a network of your own, ",
           given.options.model, "; leave it out");
  }
  return {
      .freeze = given.recipe.freeze,
      .fine_tune_from = command.count("--fine-tune-from") > 0 ? given.recipe.fine_tune_from : std::string()};
}

void set_recipe(const CLI::App& command, LrFindArguments& given) {
  if (transfer::is_network_file(given.options)) {
    given.options.recipe = own_network_recipe(command, given);
    return;
  }
  for (const char* flag : {"--fine-tune-from", "--freeze"}) {
    if (command.count(flag) > 0 && !given.fine_tuning)
      fail(ErrorKind::invalid_argument, flag, ": has no effect without --fine-tuning; add it, or leave ",
           flag, " out");
  }
  choose_network(command, given.options);
  given.options.recipe = given.recipe;
}

int find(const CLI::App& command, LrFindArguments given) {
  if (!given.plot.empty()) check_output_file(given.plot);
  set_recipe(command, given);
  use_threads(given.common.execution);
  given.options.exif = given.common.exif.value_or(data::Exif::apply);
  given.options.threads = given.common.execution.threads;
  ProgressOnScreen progress(given.common.quiet, given.options);
  const LearningRateCurve curve = transfer::find_rate(
      given.photos, given.options,
      given.fine_tuning ? transfer::RatePhase::fine_tuning : transfer::RatePhase::head, given.finder);
  if (!given.plot.empty()) write_file_atomically(given.plot, to_svg(curve));
  if (given.common.json) {
    print_json(to_json(curve));
  } else {
    print_table(curve);
  }
  return kOk;
}

}  // namespace

void add_lr_find(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand(
      "lr-find", "Find a good learning rate for the tutorial recipe, or for a network of your own");
  auto given = std::make_shared<LrFindArguments>();
  add_photos_argument(*command, given->photos);
  add_base_option(*command, given->options);
  add_base_weights_option(*command, given->options);
  command->add_flag("--fine-tuning", given->fine_tuning,
                    "find the rate of the second phase: train the head for one epoch, then start at "
                    "--fine-tune-from");
  command->add_option("--from", given->finder.from, "lowest rate")->capture_default_str()->type_name("RATE");
  command->add_option("--to", given->finder.to, "highest rate")->capture_default_str()->type_name("RATE");
  command->add_option("--steps", given->finder.steps, "training steps between them")
      ->capture_default_str()
      ->check(CLI::Range(10, 100000))
      ->type_name("N");
  command->add_option("--plot", given->plot, "also draw the curve into an SVG file")->type_name("FILE");
  add_image_size_option(*command, given->options, "160");
  add_seed_option(*command, given->options);
  command->add_option("--batch-size", given->options.batch_size, "photos per training step")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
  add_freezing_options(*command, given->recipe);
  add_augment_option(*command, given->recipe.augment);
  add_common_options(*command, given->common);
  command->footer(
      "Trains for a few steps at rising learning rates, and prints the losses and a suggested rate. Writes "
      "no "
      "model.\n\n"
      "Examples:\n"
      "  graft lr-find pets/\n"
      "  graft lr-find pets/ --fine-tuning --fine-tune-from 100 --plot curve.svg\n"
      "  graft lr-find parts/ --model network.json");
  command->callback([given, command, &run] { run = [given, command] { return find(*command, *given); }; });
}

}  // namespace graft::cli
