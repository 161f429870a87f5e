// SPDX-License-Identifier: Apache-2.0
// graft train PHOTOS
#include "graft/transfer/train.hpp"

#include <iostream>
#include <map>
#include <memory>

#include "graft/applications/catalogue.hpp"
#include "graft/base/error.hpp"
#include "graft/base/json.hpp"
#include "graft/classify/views.hpp"

#include "cli/budget_option.hpp"
#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/head_options.hpp"
#include "cli/honest_options.hpp"
#include "cli/out_folder.hpp"
#include "cli/progress.hpp"
#include "cli/round_options.hpp"
#include "cli/stop.hpp"
#include "cli/train_report.hpp"
#include "cli/tuning_options.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

struct TrainCommand {
  std::string photos;
  std::string out;
  std::string image_size;
  std::string test;
  std::string validation;
  transfer::TrainOptions options;
  CommonOptions common;
  RoundWords round;
  const CLI::App* app = nullptr;
};

void check_folder(const std::string& what, const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return;
  fail(ErrorKind::not_found, what, ": there is no folder ", path,
       "; expected a folder with one sub-folder of photos per class");
}

/// Everything that can be wrong with the command line, before a photo is read.
void complete(TrainCommand& command) {
  check_folder("PHOTOS", command.photos);
  if (!command.test.empty()) check_folder("--test", command.test);
  if (!command.validation.empty()) check_folder("--validation", command.validation);
  command.options.exif = exif_of(command.common, data::Exif::apply);
  complete_round(*command.app, command.round, command.options);
  if (command.round.from.empty() && !transfer::is_network_file(command.options))
    static_cast<void>(applications::find_application(command.options.model));
  if (!command.image_size.empty()) {
    const auto size = read_numbers(command.image_size, {.option = "--image-size", .fewest = 1, .most = 2});
    command.options.image_size = Size2D{size.front(), size.back()};
  }
  if (command.options.resume) {
    if (command.out.empty())
      fail(ErrorKind::invalid_argument,
           "--resume: expected --out DIR too, the folder of the run to go on with");
  } else if (command.out.empty()) {
    command.out = default_out_folder(command.photos).string();
  } else {
    check_out_folder(command.out);
  }
  check_writable(command.out);
  command.options.checkpoint = fs::path(command.out) / kStateFile;
  command.options.test = command.test;
  command.options.validation = command.validation;
}

int train(TrainCommand command) {
  complete(command);
  apply(command.common);
  watch_for_interrupt();
  ProgressShow show(ProgressShow::style_for(command.common.quiet));
  command.options.progress = [&show](const transfer::Progress& progress) {
    show.show(progress);
    return !interrupted();
  };
  const transfer::TrainResult result = transfer::train(command.photos, command.options);
  const fs::path folder = command.out;
  transfer::write_result(result, command.options, command.photos, folder);
  if (command.common.json) {
    print_json(train_json(result, folder));
  } else {
    std::cout << train_text(result, folder);
  }
  if (!result.broke_down.empty()) {
    fail(ErrorKind::numeric, "training broke down: ", result.broke_down, ", kept in ",
         (folder / "model.keras").string(),
         "; go on from it with a lower --learning-rate, or look for what "
         "is wrong with the photos");
  }
  return kOk;
}

const std::map<std::string, transfer::Recipe>& recipes() {
  static const std::map<std::string, transfer::Recipe> result{{"auto", transfer::Recipe::automatic},
                                                              {"head", transfer::Recipe::head},
                                                              {"tutorial", transfer::Recipe::tutorial},
                                                              {"network", transfer::Recipe::network}};
  return result;
}

void add_jpeg_option(CLI::App& command, transfer::TrainOptions& options) {
  command
      .add_option_function<std::string>(
          "--jpeg",
          [&options](const std::string& name) { options.jpeg_scale = data::jpeg_scale_from_name(name); },
          "exact: decode JPEGs whole, as Keras; reduced: at 1/2, 1/4 or 1/8 where that is enough, which is "
          "faster and moves the pixels a little")
      ->check(CLI::IsMember({"exact", "reduced"}))
      ->type_name("NAME");
}

void add_options(CLI::App& command, TrainCommand& given) {
  transfer::TrainOptions& options = given.options;
  command
      .add_option("PHOTOS", given.photos,
                  "a folder with one sub-folder of photos per class, or with train/ val/ test/")
      ->required();
  command
      .add_option("--model", options.model,
                  "the pretrained network; or a network of your own, a .keras, .h5 or .json file")
      ->capture_default_str()
      ->type_name("NAME");
  command.add_option("--weights", options.weights, "its weights: imagenet, a file, or none")
      ->capture_default_str()
      ->type_name("FILE");
  command.add_flag(
      "--resume", options.resume,
      "go on with the run in --out DIR that was stopped or killed, to the same weights bit by bit");
  command
      .add_option("--checkpoint-seconds", options.checkpoint_seconds,
                  "time between two savings of the whole state while fine-tuning; 0: after every step")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e9))
      ->type_name("S");
  command
      .add_option("--image-size", given.image_size, "pixels, one number or H,W; default: the network's own")
      ->type_name("N");
  command.add_option("--out", given.out, "folder to write; default: PHOTOS' name with -graft")
      ->type_name("DIR");
  command
      .add_option_function<std::string>(
          "--recipe", [&options](const std::string& name) { options.recipe = recipes().at(name); },
          "auto: solve the head, then fine-tune where that helps, as graft advise measures; head: the head "
          "alone; tutorial: Keras's "
          "two phases; network: a whole network by gradient")
      ->check(CLI::IsMember({"auto", "head", "tutorial", "network"}))
      ->type_name("NAME");
  command.add_option("--test", given.test, "photos for the final test; default: a part of PHOTOS")
      ->type_name("DIR");
  command.add_option("--validation", given.validation, "photos to choose by; default: a part of PHOTOS")
      ->type_name("DIR");
  command.add_option("--precision", options.precision, "float32, mixed_bfloat16, or auto: see below")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "float32", "mixed_bfloat16"}));
  command.add_option("--seed", options.seed, "of the split, the order and all random numbers")
      ->capture_default_str();
  command.add_flag(
      "--no-cache", [&options](std::int64_t) { options.disk_cache.use = false; },
      "neither use nor keep what the next run could reuse; see graft cache");
  add_budget_option(command, options.budget,
                    "auto: how long the whole run may take, as 90s, 2m or 1h: fine-tunes as far as the time "
                    "goes; without it by a fixed amount of work, and the same on every run");
  command.add_option("--batch-size", options.batch_size)->capture_default_str()->check(CLI::Range(1, 4096));
  command.add_option("--epochs", options.epochs, "tutorial: of the head; auto: at most, of fine-tuning")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
  command
      .add_option("--views", options.views,
                  "auto, head: views of each photo whose features are computed once and kept: 1 as it is, 2 "
                  "mirrored too, up to 12 with enlarged parts")
      ->capture_default_str()
      ->check(CLI::Range(1, classify::kMostViews))
      ->type_name("N");
  add_tuning_options(command, options);
  command.add_option("--fine-tune-epochs", options.fine_tune_epochs, "tutorial: of the second phase")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
}

}  // namespace

void add_train(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("train", "Make a classifier out of a folder of photos");
  auto given = std::make_shared<TrainCommand>();
  add_options(*command, *given);
  add_jpeg_option(*command, given->options);
  add_head_options(*command, given->options.head);
  add_honest_options(*command, given->options.evaluation);
  add_round_options(*command, given->round, given->options);
  add_common_options(*command, given->common);
  given->app = command;
  command->footer(
      "Writes a folder with model.keras (Keras opens it), history.csv and result.json, whole or not at all.\n"
      "Ctrl-C stops and keeps the best so far; --resume goes on from there, also after a crash.\n\n"
      "--precision auto, the default, computes in bfloat16 where this processor is fast at it and the\n"
      "features of 16 photos hardly move; weights and what is saved stay float32. --precision float32\n"
      "computes alike on every processor.\n\n"
      "Examples:\n"
      "  graft train flowers/\n"
      "  graft train flowers/ --model efficientnet_lite0 --out my-flowers --seed 7\n"
      "  graft train pets/train --test pets/test --weights weights.h5 --json > result.json\n"
      "  graft train pets/ --head best\n"
      "  graft train pets/ --views 6                                   few photos: more views of each\n"
      "  graft train pets/ --budget 5m                                 fine-tune for longer, or less long\n"
      "  graft train pets/ --recipe tutorial --image-size 160 --epochs 10 --fine-tune-from 100\n"
      "  graft train pets/ --recipe tutorial --model vgg16 --fine-tune-from block5_conv1 --augment "
      "strong,mixup\n"
      "  graft train more-pets/ --from pets-graft --rehearse 50        the next round, with new classes\n"
      "  graft train parts/ --model my_network.json --epochs 30        a network of your own");
  command->callback([given, &run] { run = [given] { return train(*given); }; });
}

}  // namespace graft::cli
