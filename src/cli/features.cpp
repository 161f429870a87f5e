// SPDX-License-Identifier: Apache-2.0
// graft features MODEL|ARCHITECTURE IMAGES... -o FILE
#include <algorithm>
#include <iostream>
#include <memory>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classify/int8_ranges.hpp"
#include "graft/error.hpp"
#include "graft/layers/core.hpp"
#include "graft/models/feature_model.hpp"
#include "graft/pretrained.hpp"
#include "graft/saving.hpp"
#include "graft/training.hpp"
#include "graft/transfer/feature_file.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/fetch_weights.hpp"
#include "cli/network.hpp"
#include "cli/out_folder.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"

namespace graft::cli {
namespace {

struct FeaturesArguments {
  ModelArgument model;
  std::string layer;
  bool top = false;
  std::vector<std::string> images;
  std::string output;
  std::int64_t batch_size = 32;
  data::ListOptions listing;
  CommonOptions common;
};

bool has_layer(const Model& model, const std::string& name) {
  return std::ranges::any_of(model.layers(), [&](const Layer& layer) { return layer.name() == name; });
}

/// An application with its preprocessing, for raw RGB; with the top only if --layer is in the top.
Model application_model(const FeaturesArguments& given, const applications::Application& application) {
  const std::string weights = given.model.weights.empty() ? "imagenet" : given.model.weights;
  const Shape input_shape = classify::input_shape_for_weights(application, weights);
  applications::ApplicationOptions options{
      .input_shape = input_shape, .include_top = false, .pooling = "avg", .alpha = given.model.alpha};
  Model network = classify::build_for_weights(application, options, weights);
  if (given.top || (!given.layer.empty() && !has_layer(network, given.layer))) {
    options.include_top = true;
    options.pooling = "";
    network = classify::build_for_weights(application, options, weights);
  }
  if (!given.layer.empty()) static_cast<void>(network.get_layer(given.layer));
  fetch_if_asked(given.model.download, application, options, weights, given.common.quiet);
  const saving::LoadReport report = classify::load_pretrained(network, application, options, weights);
  if (weights == "none") std::cerr << "note: the network has random weights: its features are noise\n";
  if (!report.missing.empty() && !given.common.quiet) std::cerr << "weights: " << report.summary() << '\n';
  const SymbolicTensor input = Input(input_shape);
  const SymbolicTensor x =
      applications::add_preprocessing(input, classify::scaling_for_weights(application, network, weights));
  return Model(input, network(x, {.training = false}));
}

struct FeatureNetwork {
  Model model;  ///< up to the features
  data::LoadPhotosOptions load;
  std::shared_ptr<const plan::ValueRanges> ranges;  ///< for int8; null if the file has none
};

FeatureNetwork open_network(const FeaturesArguments& given) {
  const Network network = find_network(given.model);
  Model model;
  Json metadata;
  if (network.application != nullptr) {
    model = application_model(given, *network.application);
  } else {
    const saving::LoadedModel loaded = load_network_file(network, given.model, "features");
    model = loaded.model;
    metadata = classifier_metadata(loaded.extra, network.file);
  }
  check_precision(given.common.execution, metadata);
  data::LoadPhotosOptions load = photo_options(model, metadata);
  load.decode.exif = given.common.exif.value_or(load.decode.exif);
  if (network.application != nullptr) {
    const std::string weights = given.model.weights;
    load.resize = classify::resize_for_weights(weights);
    const std::string note = classify::note_of_config(weights, load.image_size);
    if (!note.empty()) {
      load.pixel_type = data::PixelType::uint8;  // rounded, as Pillow resizes
      std::cerr << "note: " << note << '\n';
    }
  }
  load.resize.interpolation = given.common.interpolation.value_or(load.resize.interpolation);
  return {given.top             ? models::up_to_predictions(model)
          : given.layer.empty() ? models::up_to_features(model)
                                : models::up_to_layer(model, given.layer),
          load, classify::int8_ranges(metadata)};
}

int features(FeaturesArguments given) {
  if (given.images.empty()) complete_photos(given.images.emplace_back(), given.listing);
  if (given.top && !given.layer.empty())
    fail(ErrorKind::invalid_argument, "--top: has no effect with --layer; leave one of them out");
  use_threads(given.common.execution);
  transfer::check_feature_file(given.output);
  check_output_file(given.output);
  PhotoProgress progress(given.common.quiet);
  data::ListOptions listing = given.listing;
  listing.progress = progress.files();
  data::PhotoList list = list_images(given.images, listing);
  if (given.images.size() == 1 && list.labels.empty() && !data::is_archive(given.images.front()))
    label_by_folder(given.images.front(), list);
  if (!list.label_sets.empty()) {
    list.notes.emplace_back("photos with several labels: labels are not written");
    list.class_names.clear();
    list.label_sets.clear();
  }
  const FeatureNetwork network = open_network(given);
  std::vector<data::LeftOut> left_out;
  const std::optional<data::PhotoSet> photos = load_images(list, network.load, progress.photos(), left_out);
  progress.clear();
  report_left_out(left_out);
  if (!given.common.quiet) report_notes(photos ? photos->notes() : list.notes);
  if (!photos) {
    if (given.common.json) print_json({{"output", nullptr}, {"skipped_images", left_out_json(left_out)}});
    if (left_out.empty()) fail_without_photos(given.images);
    return kSomeFailed;
  }
  Model model = network.model;
  const Tensor result = model.predict(photos->all({.batch_size = given.batch_size}),
                                      {.ranges = network.ranges, .execution = given.common.execution});
  transfer::FeatureTable table{
      .features = result, .files = {}, .labels = photos->labels(), .class_names = photos->class_names()};
  for (const auto& path : photos->file_paths()) table.files.push_back(path.string());
  transfer::write_features(given.output, table);
  if (given.common.json) {
    print_json({{"output", given.output},
                {"shape", result.shape().sizes()},
                {"files", table.files},
                {"labels", table.labels},
                {"classes", table.class_names},
                {"skipped_images", left_out_json(left_out)}});
  } else if (!given.common.quiet) {
    std::cout << given.output << "  float32 " << result.shape() << '\n';
  }
  return exit_code_for(left_out);
}

}  // namespace

void add_features(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("features", "Write the output of a layer for photos, for numpy or scikit-learn");
  auto given = std::make_shared<FeaturesArguments>();
  add_model_argument(*command, given->model);
  command->add_option(
      "IMAGES", given->images,
      "photos, or folders with photos; one row each, in this order; or the folder of --labels");
  command->add_option("-o,--output", given->output, "the file to write: .npy, .npz, .csv, .svm or .libsvm")
      ->required()
      ->type_name("FILE");
  command
      ->add_option(
          "--weights", given->model.weights,
          "weights of an architecture: a file, a name of graft weights list, imagenet (default) or none; or "
          "of a model's .json")
      ->type_name("FILE");
  add_alpha_option(*command, given->model);
  add_download_option(*command, given->model.download);
  command->add_option("--layer", given->layer, "the layer; default: the last one before the classifier")
      ->type_name("NAME");
  command->add_flag(
      "--top", given->top,
      "the input of the last layer with weights, with the Dense layers before it: 4096 numbers of "
      "VGG16, where Keras's guide ends the model at layers[-2]");
  command->add_option("--batch-size", given->batch_size, "photos per batch")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
  add_interpolation_option(*command, given->common);
  add_label_options(*command, given->listing);
  add_listing_options(*command, given->listing, false);
  add_precision_option(*command, given->common.execution);
  add_common_options(*command, given->common);
  command->footer(
      "A photo that cannot be read has no row and is reported on standard error.\n\n"
      "If IMAGES is one folder that contains only sub-folders, these are the classes, and the labels are "
      "written too. .npz has features, files, labels and class_names; .csv has path, label, f0, f1, ...; "
      ".svm and .libsvm are for scikit-learn's load_svmlight_file; .npy has only the features.\n\n"
      "Examples:\n"
      "  graft features mobilenet_v2 photos/ -o features.npy\n"
      "  graft features vgg16 photos/ --weights weights.h5 --layer fc2 -o features.npz\n"
      "  graft features vgg16 photos/ --top -o features.npy\n"
      "  graft features photos-graft --layer block_13_expand a.jpg b.jpg -o features.npy");
  command->callback([given, &run] { run = [given] { return features(*given); }; });
}

}  // namespace graft::cli
