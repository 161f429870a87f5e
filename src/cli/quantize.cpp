// SPDX-License-Identifier: Apache-2.0
// graft quantize MODEL|ARCHITECTURE PHOTOS -o NEW
#include "graft/quantize.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/evaluation.hpp"
#include "graft/saving.hpp"
#include "graft/train.hpp"
#include "graft/transfer/earlier_run.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

struct QuantizeArguments {
  ModelArgument model;
  std::string photos;
  NewModel output;
  double most_lost = 0.005;
  std::size_t calibration_photos = 256;
  std::size_t compared_photos = 0;  ///< at most; 0: all
  CommonOptions common;
};

/// Photos to calibrate on and others to compare on; labelled where there are class folders.
struct QuantizeParts {
  data::PhotoList calibrate_on, compare_on;
};

data::PhotoList photos_below(const fs::path& folder) {
  data::PhotoList list = list_images({folder.string()}, {});
  label_by_folder(folder, list);
  return list;
}

data::PhotoList photos_at(const data::PhotoList& list, const std::vector<std::size_t>& indices) {
  data::PhotoList part{.paths = {}, .labels = {}, .class_names = list.class_names, .left_out = {}};
  for (const std::size_t i : indices) {
    part.paths.push_back(list.paths[i]);
    if (!list.labels.empty()) part.labels.push_back(list.labels[i]);
  }
  return part;
}

/// Some photos of every class, which stand one after the other: every n-th, at most this number; 0: all.
data::PhotoList spread_photos(const data::PhotoList& list, std::size_t most) {
  if (most == 0 || list.paths.size() <= most) return list;
  std::vector<std::size_t> indices(most);
  for (std::size_t i = 0; i < most; ++i) indices[i] = i * list.paths.size() / most;
  return photos_at(list, indices);
}

/// Indices of a random part of about `count` photos, stratified by class, and of the others.
std::vector<std::vector<std::size_t>> random_split(const data::PhotoList& list, std::size_t count) {
  const std::vector<int> one_class(list.paths.size(), 0);
  const double fraction = static_cast<double>(count) / static_cast<double>(list.paths.size());
  const double fractions[] = {fraction, 1 - fraction};
  return data::stratified_split(list.labels.empty() ? one_class : list.labels, fractions, 0);
}

QuantizeParts find_quantize_parts(const QuantizeArguments& given) {
  const data::Layout layout = data::find_layout(given.photos);
  const bool own_part = layout.has_parts() && (layout.test || layout.validation);
  const data::PhotoList all = photos_below(layout.has_parts() ? *layout.train : fs::path(given.photos));
  const std::size_t most = own_part ? all.paths.size() : all.paths.size() / 2;
  if (most < 1) {
    fail(ErrorKind::invalid_argument, given.photos, " has ", counted(all.paths.size(), "photo", "photos"),
         "; expected at least two: one to calibrate on and another to compare on");
  }
  const auto split = random_split(all, std::min(given.calibration_photos, most));
  const data::PhotoList others =
      own_part ? photos_below(layout.test ? *layout.test : *layout.validation) : photos_at(all, split[1]);
  return {photos_at(all, split[0]), spread_photos(others, given.compared_photos)};
}

struct OpenedClassifier {
  Classifier classifier;
  std::map<std::string, std::string> extra;
};

OpenedClassifier open_to_quantize(const Network& network, const QuantizeArguments& given) {
  if (network.application != nullptr) return {open_classifier(given.model, given.common.execution), {}};
  saving::LoadedModel loaded = load_network_file(network, given.model);
  const Json metadata = classifier_metadata(loaded.extra, network.file);
  return {Classifier(std::move(loaded.model), metadata, given.common.execution), std::move(loaded.extra)};
}

std::string agreement_text(const classify::Int8Comparison& compared) {
  if (compared.moved_variance)
    return cat("of ", counted(compared.photos, "photo", "photos"),
               " the numbers of int8 differ from float32's by ", percent(compared.mean_moved),
               " of their standard deviation on average, ", percent(compared.most_moved), " at most\n");
  const auto count = static_cast<double>(std::max<std::size_t>(1, compared.photos));
  const auto part = [&](std::size_t photos) { return percent(static_cast<double>(photos) / count); };
  std::string text =
      cat("int8 and float32 agree on ", part(compared.photos - compared.other_class), " of ",
          counted(compared.photos, "photo", "photos"), "; probabilities differ by ",
          percent(compared.mean_moved), " on average, ", percent(compared.most_moved), " at most\n");
  if (compared.other_labels)
    text += cat("of all labels ", percent(*compared.other_labels), " are given in one of both only\n");
  if (compared.right_float32 && compared.right_int8) {
    text += cat("accuracy ", part(*compared.right_float32), " in float32, ", part(*compared.right_int8),
                " in int8\n");
  }
  return text;
}

void print_quantized(const QuantizeArguments& given, const fs::path& file,
                     const classify::Quantized& result) {
  if (given.common.json) {
    Json json = {
        {"model", file.string()}, {"float32_layers", result.float32_layers}, {"values", result.values}};
    json.update(result.compared.to_json());
    return print_json(json);
  }
  if (!given.common.quiet) std::cout << agreement_text(result.compared);
  if (!given.common.quiet && !result.float32_layers.empty()) {
    std::cout << "kept in float32 because int8 loses too much there: "
              << counted(result.float32_layers.size(), "layer", "layers") << '\n';
  }
  std::cout << file.string() << '\n';
}

int quantize(const QuantizeArguments& given) {
  use_threads(given.common.execution);
  const Network network = find_network(given.model);
  const fs::path file = new_model_file(given.output, network);
  OpenedClassifier opened = open_to_quantize(network, given);
  data::LoadPhotosOptions load = opened.classifier.load_options();
  load.decode.exif = given.common.exif.value_or(load.decode.exif);
  const QuantizeParts parts = find_quantize_parts(given);
  PhotoProgress progress(given.common.quiet);
  std::vector<data::LeftOut> left_out;
  std::vector<data::LeftOut> left_out_of_comparison;
  const std::optional<data::PhotoSet> calibrate_on =
      load_images(parts.calibrate_on, load, progress.photos(), left_out);
  const std::optional<data::PhotoSet> compare_on =
      load_images(parts.compare_on, load, progress.photos(), left_out_of_comparison);
  progress.clear();
  left_out.insert(left_out.end(), left_out_of_comparison.begin(), left_out_of_comparison.end());
  report_left_out(left_out);
  if (!calibrate_on || !compare_on) return kSomeFailed;
  ProgressDisplay display(ProgressDisplay::style_for(given.common.quiet || given.common.json));
  const classify::Quantized result =
      classify::quantize(opened.classifier, calibrate_on->all(), compare_on->all(),
                         {.most_lost = given.most_lost,
                          .truth = true_classes(opened.classifier, *compare_on),
                          .progress = [&](const std::string& stage, std::size_t done, std::size_t total) {
                            display.show({.stage = stage, .done = done, .total = total});
                            return true;
                          }});
  opened.extra[kMetadataEntry] = result.metadata->dump();
  if (file.has_parent_path()) fs::create_directories(file.parent_path());
  saving::save_model(opened.classifier.model(), file, {.extra = opened.extra});
  if (!network.file.empty() && file.filename() == "model.keras")
    transfer::copy_round_files(fs::absolute(network.file).parent_path(), fs::absolute(file).parent_path());
  print_quantized(given, file, result);
  return exit_code_for(left_out);
}

}  // namespace

void add_quantize(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("quantize", "Prepare a classifier for --precision int8, and measure its accuracy");
  auto given = std::make_shared<QuantizeArguments>();
  add_model_argument(*command, given->model);
  command->add_option("PHOTOS", given->photos, "a folder of photos like those to be classified")->required();
  add_new_model_options(*command, given->output);
  add_weights_option(*command, given->model);
  command
      ->add_option("--most-lost", given->most_lost,
                   "fraction of the compared photos that int8 may classify worse")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("X");
  command->add_option("--photos", given->calibration_photos, "number of photos to calibrate on, at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000))
      ->type_name("N");
  command
      ->add_option("--compare", given->compared_photos,
                   "number of photos to compare int8 with float32 on, at most; default: all others")
      ->check(CLI::Range(1, 1000000000))
      ->type_name("N");
  add_common_options(*command, given->common);
  command->footer(
      "The new file has the same weights and opens in Keras. It also stores the ranges of the values between "
      "layers, which --precision int8 of predict, evaluate and features needs, and export --int8.\n\n"
      "Some photos calibrate, others compare int8 with float32: those in test/ or val/ if there is a train/, "
      "else half of the photos. Use photos that the model was not trained on. If the sub-folders are the "
      "model's classes, the loss is in accuracy; otherwise it is the fraction of photos whose class "
      "changes, of a model with several labels the fraction of all labels that do, of one with numbers the "
      "mean square of their changes as a fraction of their variance. If that exceeds --most-lost, layers are "
      "kept in float32, the most sensitive first; if half "
      "of them are not enough, nothing is written (exit code 5).\n\n"
      "Examples:\n"
      "  graft quantize photos-graft photos/ -o photos-int8\n"
      "  graft predict photos-int8 new.jpg --precision int8\n"
      "  graft quantize photos-graft photos/ -o photos-int8 --most-lost 0.01 --json");
  command->callback([given, &run] { run = [given] { return quantize(*given); }; });
}

}  // namespace graft::cli
