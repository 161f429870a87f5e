// SPDX-License-Identifier: Apache-2.0
// graft features MODEL|ARCHITECTURE IMAGES... -o FILE
#include <algorithm>
#include <iostream>
#include <memory>

#include "graft/applications/preprocess.hpp"
#include "graft/base/error.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/input_layer.hpp"
#include "graft/saving/save_model.hpp"
#include "graft/training/training.hpp"
#include "graft/transfer/feature_file.hpp"
#include "graft/transfer/pretrained.hpp"
#include "graft/transfer/quantize.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/feature_model.hpp"
#include "cli/network.hpp"
#include "cli/photos.hpp"
#include "cli/precision_option.hpp"

namespace graft::cli {
namespace {

struct FeaturesCommand {
  std::string model;
  std::string weights;
  std::string layer;
  std::vector<std::string> images;
  std::string output;
  std::int64_t batch_size = 32;
  CommonOptions common;
};

bool has_layer(const Model& model, const std::string& name) {
  return std::ranges::any_of(model.layers(), [&](const Layer& layer) { return layer.name() == name; });
}

/// An application on raw RGB, with its top only where the layer that is asked for lies in it.
Model application_model(const FeaturesCommand& command, const applications::Application& application) {
  const std::int64_t size = application.default_size;
  applications::ApplicationOptions options{
      .input_shape = {size, size, 3}, .include_top = false, .pooling = "avg"};
  const std::string weights = command.weights.empty() ? "imagenet" : command.weights;
  Model network = transfer::build_for_weights(application, options, weights);
  if (!command.layer.empty() && !has_layer(network, command.layer)) {
    options.include_top = true;
    options.pooling = "";
    network = transfer::build_for_weights(application, options, weights);
  }
  if (!command.layer.empty()) static_cast<void>(network.get_layer(command.layer));
  const saving::LoadReport report = transfer::load_pretrained(network, application, options, weights);
  if (!report.missing.empty() && !command.common.quiet) std::cerr << "weights: " << report.summary() << '\n';
  const SymbolicTensor input = Input({size, size, 3});
  const applications::Definition definition = transfer::definition_for_weights(application, weights);
  const SymbolicTensor x = applications::add_preprocessing(input, application.preprocessing_for(definition));
  return Model(input, network(x, {.training = false}));
}

struct FeatureNetwork {
  Model model;  ///< up to the features
  data::LoadOptions load;
  std::shared_ptr<const plan::ValueRanges> ranges;  ///< of int8; null where the file has none
};

FeatureNetwork open_network(const FeaturesCommand& command) {
  const Network network = find_network(command.model);
  check_weights(network, command.weights);
  Model model;
  Json metadata;
  if (network.application != nullptr) {
    model = application_model(command, *network.application);
  } else {
    saving::LoadedModel loaded = saving::load_model(network.file);
    model = loaded.model;
    metadata = classifier_metadata(loaded.extra, network.file);
  }
  data::LoadOptions load = photo_options(model, metadata);
  load.decode.exif = exif_of(command.common, load.decode.exif);
  return {command.layer.empty() ? up_to_features(model) : up_to_layer(model, command.layer), load,
          transfer::int8_ranges(metadata)};
}

int features(const FeaturesCommand& command) {
  apply(command.common);
  transfer::check_feature_file(command.output);
  data::PhotoList list = list_images(command.images);
  if (command.images.size() == 1) label_by_folder(command.images.front(), list);
  const FeatureNetwork network = open_network(command);
  const std::optional<data::PhotoSet> photos = load_images(list, network.load);
  if (!photos) return kSomeFailed;
  Model model = network.model;
  const Tensor result =
      model.predict(photos->all({.batch_size = command.batch_size}), {.ranges = network.ranges});
  transfer::FeatureTable table{
      .features = result, .files = {}, .labels = photos->labels(), .class_names = photos->class_names()};
  for (const auto& path : photos->file_paths()) table.files.push_back(path.string());
  transfer::write_features(command.output, table);
  if (command.common.json) {
    print_json({{"output", command.output},
                {"shape", result.shape().sizes()},
                {"files", table.files},
                {"labels", table.labels},
                {"classes", table.class_names},
                {"skipped_images", left_out_json(photos->left_out())}});
  } else if (!command.common.quiet) {
    std::cout << command.output << "  float32 " << result.shape() << '\n';
  }
  return photos->left_out().empty() ? kOk : kSomeFailed;
}

}  // namespace

void add_features(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand(
      "features", "Write what a layer makes of photos: for numpy, scikit-learn, spreadsheets");
  auto given = std::make_shared<FeaturesCommand>();
  command->add_option("MODEL", given->model, "a model file, the folder with model.keras, or an architecture")
      ->required();
  command->add_option("IMAGES", given->images, "photos, or folders of them; one row each, in this order")
      ->required();
  command
      ->add_option("-o,--output", given->output,
                   "the file to write, ending in .npy, .npz, .csv, .svm or .libsvm")
      ->required()
      ->type_name("FILE");
  command->add_option("--weights", given->weights, "of an architecture: a file, imagenet or none")
      ->type_name("FILE");
  command->add_option("--layer", given->layer, "the layer; default: the last before the classifier")
      ->type_name("NAME");
  command->add_option("--batch-size", given->batch_size, "photos computed at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096));
  add_precision_option(*command);
  add_common_options(*command, given->common);
  command->footer(
      "A photo that cannot be read has no row; it is told on standard error.\n"
      "Of one folder with photos in sub-folders alone, the sub-folders are the classes, and the labels are\n"
      "written too: .npz has features, files, labels and class_names; .csv path, label, f0, f1, ...;\n"
      ".svm and .libsvm are what scikit-learn's load_svmlight_file reads; .npy is the features alone.\n\n"
      "Examples:\n"
      "  graft features mobilenet_v2 photos/ -o features.npy\n"
      "  graft features vgg16 photos/ --weights weights.h5 --layer fc2 -o features.npz\n"
      "  graft features photos-graft --layer block_13_expand a.jpg b.jpg -o features.npy");
  command->callback([given, &run] { run = [given] { return features(*given); }; });
}

}  // namespace graft::cli
