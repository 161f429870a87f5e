// SPDX-License-Identifier: Apache-2.0
#include "cli/tuning_options.hpp"

#include "graft/classify/views.hpp"

namespace graft::cli {

void add_augment_option(CLI::App& command, std::string& names) {
  command
      .add_option(
          "--augment", names,
          "tutorial: what photos undergo: none, flip, light, strong or default, and with commas mixup, "
          "cutmix, erasing, randaugment, or randaugment=0.3 for a strength")
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

void add_freezing_options(CLI::App& command, transfer::TrainOptions& options) {
  transfer::TuningOptions& tuning = options.tuning;
  command
      .add_option("--fine-tune-from", options.fine_tune_from,
                  "tutorial: first layer of the network that trains, its name or index")
      ->capture_default_str()
      ->type_name("LAYER");
  command
      .add_option("--freeze", tuning.freeze,
                  "tutorial: layers that stay frozen too: 'block1_*|block2_*', or re:REGEX")
      ->type_name("NAMES");
}

void add_tuning_options(CLI::App& command, transfer::TrainOptions& options) {
  transfer::TuningOptions& tuning = options.tuning;
  add_freezing_options(command, options);
  command
      .add_option("--layer-decay", tuning.layer_decay,
                  "tutorial: each layer fine-tunes at so many times the rate of the next")
      ->capture_default_str()
      ->check(CLI::Range(1e-6, 1.0));
  command
      .add_option("--unfreeze-gradually", tuning.unfreeze_groups,
                  "tutorial: layers begin to fine-tune in so many groups, the last first")
      ->check(CLI::Range(2, 1000))
      ->type_name("N");
  command.add_option("--l2-sp", tuning.l2_sp, "tutorial: holds fine-tuned weights near the pretrained ones")
      ->check(CLI::Range(0.0, 1e6))
      ->type_name("ALPHA");
  add_augment_option(command, tuning.augment);
  command.add_flag(
      "--calibrate", tuning.calibrate,
      "after training, make probabilities honest by a temperature found on the validation photos");
}

void add_views_option(CLI::App& command, int& views) {
  command
      .add_option(
          "--tta", views,
          "test-time augmentation: average over so many views of each photo (mirrored, then parts of it)")
      ->capture_default_str()
      ->check(CLI::Range(1, classify::kMostViews))
      ->type_name("N");
}

}  // namespace graft::cli
