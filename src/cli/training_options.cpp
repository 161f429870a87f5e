// SPDX-License-Identifier: Apache-2.0
#include "cli/training_options.hpp"

#include "graft/classifier.hpp"

#include "cli/fetch_weights.hpp"
#include "cli/values.hpp"

namespace graft::cli {

void add_photos_argument(CLI::App& command, std::string& photos) {
  command
      .add_option(
          "PHOTOS", photos,
          "a folder with one sub-folder of photos per class, or with train/, val/ and test/; an archive "
          "(.zip, .tar), or a folder of archives")
      ->required();
}

void add_base_option(CLI::App& command, transfer::TrainOptions& options) {
  command
      .add_option(
          "--model", options.model,
          "the pretrained network (graft models lists them); default: auto, chosen among those whose weights "
          "are on this computer")
      ->type_name("NAME");
}

void add_base_weights_option(CLI::App& command, transfer::TrainOptions& options) {
  command
      .add_option("--weights", options.weights,
                  "its weights: imagenet, a file, a name of graft weights list, or none")
      ->capture_default_str()
      ->type_name("FILE");
  command
      .add_option("--alpha", options.alpha,
                  "with --model: its width, for MobileNet, MobileNetV2 and MobileNetV3")
      ->check(CLI::Range(0.01, 10.0))
      ->type_name("X");
  add_download_option(command, options.download);
}

void add_image_size_option(CLI::App& command, transfer::TrainOptions& options, const std::string& fallback) {
  add_parsed_option(command, "--image-size", options.image_size, read_size,
                    "size in pixels to resize photos to: one number, or H,W; default: " + fallback)
      ->type_name("N");
}

void add_seed_option(CLI::App& command, transfer::TrainOptions& options) {
  command.add_option("--seed", options.seed, "seed of the split, the order and all random numbers")
      ->capture_default_str()
      ->type_name("N");
}

void add_training_precision_option(CLI::App& command, transfer::TrainOptions& options) {
  add_choice(command, "--precision", options.precision, {"auto", "float32", "mixed_bfloat16"},
             "number format of the computation: see below")
      ->envname("GRAFT_PRECISION")
      ->capture_default_str();
}

void add_cache_option(CLI::App& command, transfer::TrainOptions& options) {
  command.add_flag_function(
      "--no-cache", [&options](std::int64_t) { options.disk_cache.use = false; },
      "neither read nor write the cache of features (see graft cache)");
}

void add_budget_option(CLI::App& command, std::optional<double>& seconds, const std::string& help) {
  add_parsed_option(command, "--budget", seconds, read_seconds, help)->type_name("TIME");
}

void add_freezing_options(CLI::App& command, transfer::TutorialRecipe& recipe) {
  command
      .add_option("--fine-tune-from", recipe.fine_tune_from,
                  "tutorial, network: name or index of the first layer that trains")
      ->capture_default_str()
      ->type_name("LAYER");
  command
      .add_option("--freeze", recipe.freeze,
                  "tutorial, network: layers that stay frozen, e.g. 'block1_*|block2_*', or re:REGEX")
      ->type_name("NAMES");
}

void add_augment_option(CLI::App& command, std::string& names) {
  command
      .add_option("--augment", names,
                  "tutorial: random changes to training photos: none, flip, light, strong or default; add "
                  "mixup, cutmix, erasing, randaugment or randaugment=0.3 (its strength) with commas")
      ->capture_default_str()
      ->type_name("NAMES")
      ->check([](const std::string& given) {
        try {
          static_cast<void>(transfer::augment_from_names(given));
        } catch (const std::exception& error) {
          return std::string(error.what());
        }
        return std::string();
      });
}

void add_views_option(CLI::App& command, int& views) {
  command
      .add_option("--tta", views,
                  "test-time augmentation: average over N views of each photo (as it is, mirrored, then "
                  "parts of it)")
      ->capture_default_str()
      ->check(CLI::Range(1, classify::kMostViews))
      ->type_name("N");
}

}  // namespace graft::cli
