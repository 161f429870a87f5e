// SPDX-License-Identifier: Apache-2.0
// graft quantize MODEL|ARCHITECTURE PHOTOS -o NEW
#include "graft/transfer/quantize.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/saving/save_model.hpp"
#include "graft/transfer/rounds.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/match_classes.hpp"
#include "cli/network.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

struct QuantizeCommand {
  std::string model;
  std::string photos;
  std::string weights;
  std::string output;
  double most_lost = 0.005;
  std::size_t calibration_photos = 256;
  bool force = false;
  CommonOptions common;
};

/// Photos to calibrate on and others to compare on; labels and class names where there are class folders.
struct QuantizeParts {
  data::PhotoList calibrate_on, compare_on;
};

data::PhotoList photos_below(const fs::path& folder) {
  data::PhotoList list = list_images({folder.string()});
  label_by_folder(folder, list);
  return list;
}

data::PhotoList chosen_photos(const data::PhotoList& list, const std::vector<std::size_t>& chosen) {
  data::PhotoList part{.paths = {}, .labels = {}, .class_names = list.class_names, .left_out = {}};
  for (const std::size_t i : chosen) {
    part.paths.push_back(list.paths[i]);
    if (!list.labels.empty()) part.labels.push_back(list.labels[i]);
  }
  return part;
}

/// A random part of about `count` photos, each class in its fraction, and the others.
std::vector<std::vector<std::size_t>> split_off(const data::PhotoList& list, std::size_t count) {
  const std::vector<int> one_class(list.paths.size(), 0);
  const double fraction = static_cast<double>(count) / static_cast<double>(list.paths.size());
  const double fractions[] = {fraction, 1 - fraction};
  return data::stratified_split(list.labels.empty() ? one_class : list.labels, fractions, 0);
}

QuantizeParts find_quantize_parts(const QuantizeCommand& command) {
  const data::Layout layout = data::find_layout(command.photos);
  const bool own_part = layout.has_parts() && (layout.test || layout.validation);
  const data::PhotoList all = photos_below(layout.has_parts() ? *layout.train : fs::path(command.photos));
  const std::size_t most = own_part ? all.paths.size() : all.paths.size() / 2;
  if (most < 1) {
    fail(ErrorKind::invalid_argument, command.photos, " has ", counted(all.paths.size(), "photo", "photos"),
         "; expected at least two, some to calibrate on and others to compare on");
  }
  const auto split = split_off(all, std::min(command.calibration_photos, most));
  if (!own_part) return {chosen_photos(all, split[0]), chosen_photos(all, split[1])};
  return {chosen_photos(all, split[0]), photos_below(layout.test ? *layout.test : *layout.validation)};
}

/// The model's class of each photo; nothing where the folders are not its classes.
std::vector<int> truth_of(const Classifier& classifier, const data::PhotoSet& photos) {
  if (photos.labels().empty()) return {};
  try {
    const std::vector<std::size_t> classes = match_classes(classifier, photos.class_names());
    std::vector<int> truth;
    for (const int label : photos.labels())
      truth.push_back(static_cast<int>(classes[static_cast<std::size_t>(label)]));
    return truth;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    return {};
  }
}

struct OpenedClassifier {
  Classifier classifier;
  std::map<std::string, std::string> extra;
};

OpenedClassifier open_to_quantize(const Network& network, const QuantizeCommand& command) {
  check_weights(network, command.weights);
  if (network.application != nullptr) return {open_classifier(command.model, command.weights), {}};
  saving::LoadedModel loaded = saving::load_model(network.file);
  const Json metadata = classifier_metadata(loaded.extra, network.file);
  return {Classifier(std::move(loaded.model), metadata), std::move(loaded.extra)};
}

std::string agreement_text(const transfer::Int8Comparison& compared) {
  const auto count = static_cast<double>(std::max<std::size_t>(1, compared.photos));
  const auto part = [&](std::size_t photos) { return percent(static_cast<double>(photos) / count); };
  std::string text =
      cat("int8 and float32 agree on ", part(compared.photos - compared.other_class), " of ",
          counted(compared.photos, "photo", "photos"), "; a probability moves by ",
          percent(compared.mean_moved), " on average, ", percent(compared.most_moved), " at most\n");
  if (compared.right_float32 && compared.right_int8) {
    text += cat("accuracy ", part(*compared.right_float32), " in float32, ", part(*compared.right_int8),
                " in int8\n");
  }
  return text;
}

void print_quantized(const QuantizeCommand& command, const fs::path& file,
                     const transfer::Quantized& result) {
  if (command.common.json) {
    Json json = {{"model", file.string()},
                 {"float32_layers", result.ranges.float32_layers},
                 {"values", result.ranges.ranges.size()}};
    json.update(result.compared.to_json());
    return print_json(json);
  }
  if (!command.common.quiet) std::cout << agreement_text(result.compared);
  if (!command.common.quiet && !result.ranges.float32_layers.empty()) {
    std::cout << "in float32 because int8 would lose too much: "
              << counted(result.ranges.float32_layers.size(), "layer", "layers") << '\n';
  }
  std::cout << file.string() << '\n';
}

int quantize(const QuantizeCommand& command) {
  apply(command.common);
  const Network network = find_network(command.model);
  const fs::path file = new_model_file({command.output, command.force}, network);
  OpenedClassifier opened = open_to_quantize(network, command);
  data::LoadPhotosOptions load = opened.classifier.load_options();
  load.decode.exif = exif_of(command.common, load.decode.exif);
  const QuantizeParts parts = find_quantize_parts(command);
  const std::optional<data::PhotoSet> calibrate_on = load_images(parts.calibrate_on, load);
  const std::optional<data::PhotoSet> compare_on = load_images(parts.compare_on, load);
  if (!calibrate_on || !compare_on) return kSomeFailed;
  ProgressShow show(ProgressShow::style_for(command.common.quiet || command.common.json));
  const transfer::Quantized result =
      transfer::quantize(opened.classifier, calibrate_on->all(), compare_on->all(),
                         {.most_lost = command.most_lost,
                          .truth = truth_of(opened.classifier, *compare_on),
                          .progress = [&](const std::string& stage, std::size_t done, std::size_t total) {
                            show.show({.stage = stage, .done = done, .total = total});
                            return true;
                          }});
  opened.extra[kMetadataEntry] = result.metadata->dump();
  if (file.has_parent_path()) fs::create_directories(file.parent_path());
  saving::save_model(opened.classifier.model(), file, {.extra = opened.extra});
  if (!network.file.empty() && file.filename() == "model.keras")
    transfer::carry_rounds(fs::absolute(network.file).parent_path(), fs::absolute(file).parent_path());
  print_quantized(command, file, result);
  return calibrate_on->left_out().empty() && compare_on->left_out().empty() ? kOk : kSomeFailed;
}

}  // namespace

void add_quantize(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand(
      "quantize", "Make a classifier ready for --precision int8, and measure what it loses");
  auto given = std::make_shared<QuantizeCommand>();
  command->add_option("MODEL", given->model, "a model file, the folder with model.keras, or an architecture")
      ->required();
  command->add_option("PHOTOS", given->photos, "a folder of photos like those it will see")->required();
  command->add_option("-o,--output", given->output, "the file to write (.keras), or a folder for model.keras")
      ->required()
      ->type_name("NEW");
  command->add_option("--weights", given->weights, "of an architecture: a file, or imagenet")
      ->type_name("FILE");
  command
      ->add_option("--most-lost", given->most_lost,
                   "of the photos compared on, the fraction that int8 may lose")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--photos", given->calibration_photos, "photos to calibrate on, at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  command->add_flag("--force", given->force, "write over NEW when it is there");
  add_common_options(*command, given->common);
  command->footer(
      "The new file holds the same weights, opens in Keras as before, and says beside them how far the\n"
      "values between layers reach: --precision int8 of predict, evaluate and features needs that.\n"
      "Some photos are calibrated on, others compared on: test/ or val/ where there is train/, else half\n"
      "of the photos; photos that the model was not trained on tell more. Where the sub-folders are the\n"
      "model's classes, accuracy is what is lost; otherwise, photos that are told to be another class.\n"
      "Where that is more than --most-lost, layers stay in float32, the most sensitive first; where half\n"
      "of them are not enough nothing is written (exit code 5).\n\n"
      "Examples:\n"
      "  graft quantize photos-graft photos/ -o photos-int8\n"
      "  graft predict photos-int8 new.jpg --precision int8\n"
      "  graft quantize photos-graft photos/ -o photos-int8 --most-lost 0.01 --json");
  command->callback([given, &run] { run = [given] { return quantize(*given); }; });
}

}  // namespace graft::cli
