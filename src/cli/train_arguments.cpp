// SPDX-License-Identifier: Apache-2.0
#include "cli/train_arguments.hpp"

#include "graft/classifier.hpp"

#include "cli/network.hpp"
#include "cli/report_files.hpp"
#include "cli/training_options.hpp"
#include "cli/values.hpp"

namespace graft::cli {
namespace {

using transfer::HeadKind;
using transfer::RecipeName;
using transfer::TrainOptions;

void begin_group(CLI::App& command, const char* name) { command.option_defaults()->group(name); }

void add_folder_option(CLI::App& command, const std::string& flag, std::filesystem::path& folder,
                       const std::string& help) {
  command
      .add_option_function<std::string>(
          flag, [&folder](const std::string& name) { folder = name; }, help)
      ->type_name("DIR");
}

void add_recipe_option(CLI::App& command, RecipeName& recipe) {
  add_choice(command, "--recipe", recipe,
             Choices<RecipeName>{{"auto", RecipeName::automatic},
                                 {"head", RecipeName::head},
                                 {"tutorial", RecipeName::tutorial},
                                 {"network", RecipeName::network}},
             "auto: solve the head, then fine-tune the base if that improves validation accuracy; head: "
             "solve only the head; tutorial: the two phases of Keras's tutorial; network: train a whole "
             "network by gradient descent")
      ->default_str("auto");
}

void add_most_useful_options(CLI::App& command, TrainArguments& given) {
  begin_group(command, "Most useful options");
  TrainOptions& options = given.options;
  command
      .add_option(
          "--model", options.model,
          "the pretrained network (graft models lists them), two as A+B, whose answers are averaged, or "
          "a network of your own: a .keras, .h5, .json, .onnx or .tflite file; default: auto, what fits the "
          "photos "
          "best "
          "of the networks whose weights are on this computer")
      ->type_name("NAME");
  command.add_flag("--single", options.single, "with --model auto: one network only, never two");
  add_base_weights_option(command, options);
  add_pixels_option(
      command, options.pixels,
      "how the pixels of a network file were scaled, where no layer of it does; kept in the model");
  add_image_size_option(command, options, "that of the network");
  add_folder_option(command, "--test", options.test,
                    "photos for the final test, a folder or a list of labels; default: a part of PHOTOS");
  add_recipe_option(command, given.recipe.name);
  add_budget_option(command, given.recipe.budget,
                    "auto: time for the whole run, as 90s, 2m or 1h; fine-tunes for as long as it allows. "
                    "Default: a fixed amount of work, the same in every run");
  add_from_option(command, given.round);
  command.add_option("--out", given.out, "the folder to write; default: the name of PHOTOS with -graft")
      ->type_name("DIR");
  command
      .add_option(
          "--settings", given.settings,
          "run an earlier training again: the settings.json of its result, or the folder with it; PHOTOS "
          "may be left out")
      ->type_name("FILE");
  add_no_report_option(command, given.no_report);
  command.add_flag("--watch", given.watch,
                   "write a page beside the result folder (OUT.watch.html) that follows progress and curves "
                   "when it is open in a browser");
  add_plots_option(command, given.plots);
  command.add_flag("--no-inspection", given.no_inspection,
                   "a report without suspected labels, duplicates, unusual photos and heat maps: they need a "
                   "second look at the photos");
  command.add_flag("--resume", options.resume,
                   "continue the interrupted run in --out DIR; the result is the same bit by bit");
  add_seed_option(command, options);
}

void add_photo_options(CLI::App& command, TrainArguments& given) {
  begin_group(command, "Photos");
  TrainOptions& options = given.options;
  add_folder_option(command, "--validation", options.validation,
                    "photos to choose settings by, a folder or a list of labels; default: a part of PHOTOS");
  add_label_options(command, options.listing);
  add_nested_option(command, options.listing);
  add_listing_options(command, options.listing, true);
  add_augment_option(command, given.recipe.tutorial.augment);
  command
      .add_option("--views", given.recipe.views,
                  "auto, head: number of views of each photo whose features are kept: 1 as it is, 2 "
                  "mirrored too, up to 12 with enlarged parts")
      ->capture_default_str()
      ->check(CLI::Range(1, classify::kMostViews))
      ->type_name("N");
  add_choice(
      command, "--jpeg", options.jpeg_scale,
      Choices<data::JpegScale>{{"exact", data::JpegScale::exact}, {"reduced", data::JpegScale::reduced}},
      "exact: decode JPEGs in full size, as Keras; reduced: in 1/2, 1/4 or 1/8 where that is enough: "
      "faster, with slightly different pixels")
      ->default_str("exact");
  add_choice(
      command, "--pixel-type", options.pixel_type,
      Choices<data::PixelType>{{"uint8", data::PixelType::uint8}, {"float32", data::PixelType::float32}},
      "uint8: resized pixels are rounded to bytes; float32: not, as Keras, with four times the memory; "
      "stored with the model")
      ->default_str("uint8");
  add_exif_option(command, given.common);
}

void add_head_options(CLI::App& command, transfer::ClassicalHeadRecipe& head) {
  const CLI::Range positive(1e-9, 1e9);
  add_choice(command, "--head", head.kinds,
             Choices<std::vector<HeadKind>>{{"logistic", {HeadKind::logistic}},
                                            {"linear_svm", {HeadKind::linear_svm}},
                                            {"rbf_svm", {HeadKind::rbf_svm}},
                                            {"knn", {HeadKind::knn}},
                                            {"centroid", {HeadKind::centroid}},
                                            {"best",
                                             {HeadKind::logistic, HeadKind::linear_svm, HeadKind::centroid,
                                              HeadKind::rbf_svm, HeadKind::knn}}},
             "instead of the recipe: a classical head on the frozen network, or the best of them by "
             "cross-validation");
  command.add_option("--head-c", head.c, "C of logistic and the SVMs; default: by cross-validation")
      ->check(positive)
      ->type_name("X");
  command.add_option("--head-gamma", head.gamma, "gamma of rbf_svm; default: by cross-validation")
      ->check(positive)
      ->type_name("X");
  command.add_option("--head-neighbours", head.neighbours, "k of knn; default: by cross-validation")
      ->check(CLI::Range(1, 1000))
      ->type_name("K");
}

void add_network_options(CLI::App& command, TrainArguments& given) {
  begin_group(command, "Network");
  add_freezing_options(command, given.recipe.tutorial);
  add_head_options(command, given.recipe.classical);
  add_training_precision_option(command, given.options);
}

void add_fine_tuning_options(CLI::App& command, transfer::TutorialRecipe& tuning) {
  command
      .add_option("--layer-decay", tuning.layer_decay,
                  "tutorial: learning rate of each layer, as a fraction of that of the next layer")
      ->capture_default_str()
      ->check(CLI::Range(1e-6, 1.0))
      ->type_name("X");
  command
      .add_option("--unfreeze-gradually", tuning.unfreeze_groups,
                  "tutorial: layers start to train in N groups, the last layers first")
      ->check(CLI::Range(2, 1000))
      ->type_name("N");
  command
      .add_option("--l2-sp", tuning.l2_sp,
                  "tutorial: penalty (L2-SP) that keeps weights near the pretrained ones")
      ->check(CLI::Range(0.0, 1e6))
      ->type_name("ALPHA");
}

void add_training_options(CLI::App& command, TrainArguments& given) {
  begin_group(command, "Training");
  TrainOptions& options = given.options;
  const auto epochs = [&](const char* flag, std::int64_t& value, const char* help) {
    command.add_option(flag, value, help)
        ->capture_default_str()
        ->check(CLI::Range(0, 100000))
        ->type_name("N");
  };
  epochs("--epochs", given.recipe.epochs,
         "tutorial: epochs of the head; auto: of fine-tuning, at most; network: at most");
  epochs("--fine-tune-epochs", given.recipe.tutorial.fine_tune_epochs,
         "tutorial: epochs of the second phase");
  command.add_option("--batch-size", options.batch_size, "photos per training step")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
  add_learning_rate_options(command, given.recipe);
  add_choice(command, "--class-weight", given.recipe.class_weight,
             Choices<transfer::ClassWeight>{{"none", transfer::ClassWeight::none},
                                            {"balanced", transfer::ClassWeight::balanced}},
             "balanced: photos of rare classes count more")
      ->default_str("none");
  command.add_flag("--always-fine-tune", given.recipe.always_fine_tune,
                   "auto: fine-tune and keep the result whether validation shows a gain or not");
  command
      .add_option("--optimize", given.recipe.optimize,
                  "auto, head: what to be good at: accuracy; balanced: the mean of all classes' recalls, "
                  "where classes are uneven; recall=CLASS: that class counts as much as all others together")
      ->capture_default_str()
      ->type_name("GOAL");
  add_fine_tuning_options(command, given.recipe.tutorial);
  add_rehearse_option(command, given.round);
  add_choice(command, "--exchange", options.bfloat16_exchange,
             Choices<bool>{{"float32", false}, {"bfloat16", true}},
             "with mpirun: how processes send gradients; bfloat16: half the bytes, rounded in the same way "
             "for any number of processes")
      ->default_str("float32");
  add_threads_option(command, given.common.execution);
}

void add_evaluation_options(CLI::App& command, TrainOptions& options) {
  begin_group(command, "Evaluation");
  using transfer::Duplicates;
  add_choice(command, "--duplicates", options.evaluation.duplicates,
             Choices<Duplicates>{
                 {"report", Duplicates::report}, {"drop", Duplicates::drop}, {"ignore", Duplicates::ignore}},
             "equal or nearly equal photos: report them and keep them in one part, drop them from "
             "training, or do not look for them")
      ->default_str("report");
  command
      .add_option("--group-by", options.evaluation.group_by,
                  "keep photos of one group in one part; a group is: parent-folder, prefix (the name up to "
                  "its last _ or -), or the first group of a regular expression")
      ->type_name("HOW");
  command
      .add_option("--folds", options.evaluation.folds, "also train and test on K folds (cross-validation)")
      ->check(CLI::Range(2, 100))
      ->type_name("K");
  command
      .add_option("--seeds", options.evaluation.seeds,
                  "train and test with N seeds in all, each with its own split")
      ->check(CLI::Range(1, 100))
      ->type_name("N");
  command.add_flag_callback(
      "--calibrate", [&options] { options.calibrate = true; },
      "after training, calibrate probabilities by a temperature, found from answers for photos that what "
      "answered had not seen; the default of the recipes auto and head");
  command
      .add_option(
          "--reject-accuracy", options.reject_accuracy,
          "wanted accuracy of the answers that predict --reject gives, chosen on answers for unseen "
          "photos; the others are unknown. Of several labels all of a photo must be right. Default: half "
          "as many wrong answers")
      ->check(CLI::Range(1e-6, 1 - 1e-6))
      ->type_name("A");
  add_parsed_list(command, "--min-recall", options.min_recall, classify::parse_min_recall,
                  "a class that must not be missed, such as defect=0.99: photos are answered with it from "
                  "the probability on that finds this part of them; the false alarms are reported. Several: "
                  "once for each class")
      ->type_name("CLASS=R");
  command.add_flag_callback(
      "--no-calibrate", [&options] { options.calibrate = false; }, "leave the probabilities as they are");
}

void add_result_options(CLI::App& command, TrainArguments& given) {
  begin_group(command, "Output");
  command
      .add_option("--checkpoint-seconds", given.options.checkpoint_seconds,
                  "seconds between two checkpoints while fine-tuning; 0: after every step")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e9))
      ->type_name("S");
  add_cache_option(command, given.options);
  add_output_options(command, given.common);
}

}  // namespace

void add_train_options(CLI::App& command, TrainArguments& given) {
  add_photos_argument(command, given.photos);
  command.get_option("PHOTOS")->required(false);  // --settings or --labels has one
  add_most_useful_options(command, given);
  add_photo_options(command, given);
  add_network_options(command, given);
  add_training_options(command, given);
  add_evaluation_options(command, given.options);
  begin_group(command, "Video files");
  add_clip_options(command, given.clips);
  add_result_options(command, given);
  command.get_help_ptr()->group("Output");
}

}  // namespace graft::cli
