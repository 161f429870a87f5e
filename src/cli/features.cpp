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
#include "graft/transfer/feature_file.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/feature_rows.hpp"
#include "cli/features_run.hpp"
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
  FeatureFiles files;
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

/// What decides the features, but for the photos.
Json settings_of(const FeaturesArguments& given, const FeatureNetwork& network) {
  const auto text = [](const auto& value) { return value ? Json(std::string(to_string(*value))) : Json(); };
  return {{"model", model_hash(network.model, {})},
          {"image_size", {network.load.image_size.height, network.load.image_size.width}},
          {"exif", std::string(data::to_string(network.load.decode.exif))},
          {"interpolation", std::string(data::to_string(network.load.resize.interpolation))},
          {"precision", text(given.common.execution.dtype_policy)}};
}

/// The features of all photos in one table.
class TableMaker {
 public:
  TableMaker(FeatureComputer& computer, const FeaturePhotos& found) : computer_(computer), found_(found) {}

  void add(std::span<const std::filesystem::path> paths, std::size_t first) {
    FeatureRows rows = computer_.compute(paths);
    for (const std::size_t photo : rows.photos) {
      table_.files.push_back(paths[photo].string());
      if (!found_.labels.empty()) table_.labels.push_back(found_.labels[first + photo]);
    }
    for (const FeatureRows::Failure& failure : rows.failures)
      left_out_.push_back({.path = paths[failure.photo], .reason = failure.reason, .unreadable = true});
    if (!rows.photos.empty()) parts_.push_back(std::move(rows.features));
  }

  [[nodiscard]] const std::vector<data::LeftOut>& left_out() const { return left_out_; }

  transfer::FeatureTable take() {
    table_.features = Tensor(
        parts_.front().shape().without_batch().with_batch(static_cast<std::int64_t>(table_.files.size())));
    std::int64_t row = 0;
    for (Tensor& part : parts_) {
      const std::int64_t end = row + part.shape()[0];
      table_.features.slice(row, end).copy_from(part);
      part = Tensor();  // so that the table is not there twice
      row = end;
    }
    table_.class_names = found_.class_names;
    return std::move(table_);
  }
  [[nodiscard]] bool empty() const { return parts_.empty(); }

 private:
  FeatureComputer& computer_;
  const FeaturePhotos& found_;
  transfer::FeatureTable table_;
  std::vector<Tensor> parts_;
  std::vector<data::LeftOut> left_out_;
};

int write_table(const FeaturesArguments& given, FeatureComputer& computer, const FeaturePhotos& found,
                PhotoProgress& progress) {
  TableMaker maker(computer, found);
  const NamedPhotos& photos = found.photos;
  const std::size_t all = photos.names.size();
  const auto show = progress.photos();
  for (std::size_t first = 0; first < all; first += given.files.block) {
    maker.add(photos.paths(first, first + given.files.block), first);
    if (!show(std::min(first + given.files.block, all), all))
      fail(ErrorKind::interrupted, "stopped; a folder or .jsonl file as -o keeps what was computed");
  }
  progress.clear();
  std::vector<data::LeftOut> left_out = photos.left_out;
  left_out.insert(left_out.end(), maker.left_out().begin(), maker.left_out().end());
  std::ranges::stable_sort(left_out, {}, &data::LeftOut::path);
  report_left_out(left_out);
  if (!given.common.quiet) report_notes(photos.notes);
  if (!given.common.quiet) report_notes(computer.notes());
  if (maker.empty()) {
    if (given.common.json) print_json({{"output", nullptr}, {"skipped_images", left_out_json(left_out)}});
    return kSomeFailed;
  }
  const transfer::FeatureTable table = maker.take();
  transfer::write_features(given.files.out, table);
  if (given.common.json) {
    print_json({{"output", given.files.out},
                {"shape", table.features.shape().sizes()},
                {"files", table.files},
                {"labels", table.labels},
                {"classes", table.class_names},
                {"skipped_images", left_out_json(left_out)}});
  } else if (!given.common.quiet) {
    std::cout << given.files.out << "  float32 " << table.features.shape() << '\n';
  }
  return exit_code_for(left_out);
}

void check(const FeaturesArguments& given) {
  const LongRunOptions& run = given.files.run;
  if (given.top && !given.layer.empty())
    fail(ErrorKind::invalid_argument, "--top: has no effect with --layer; leave one of them out");
  if (grows(given.files.out)) return;
  if (run.resume || !run.shard.is_all())
    fail(ErrorKind::invalid_argument, run.resume ? "--resume" : "--shard",
         ": expected a folder or a .jsonl file as -o, which are written as results come; received ",
         given.files.out);
  transfer::check_feature_file(given.files.out);
  check_output_file(given.files.out);
}

int features(FeaturesArguments given) {
  if (given.images.empty() && given.files.run.list.empty())
    complete_photos(given.images.emplace_back(), given.listing);
  use_threads(given.common.execution);
  check(given);
  PhotoProgress progress(given.common.quiet);
  data::ListOptions listing = given.listing;
  listing.progress = progress.files();
  const FeaturePhotos found = find_feature_photos(given.images, given.files.run.list, listing);
  if (found.photos.names.size() == 0 && found.photos.left_out.empty())
    fail_without_photos(given.images.empty() ? std::vector<std::string>{given.files.run.list} : given.images);
  const FeatureNetwork network = open_network(given);
  FeatureComputer computer(network.model, network.load,
                           {.batch_size = static_cast<std::int64_t>(given.files.block),
                            .execution = given.common.execution,
                            .ranges = network.ranges});
  if (!grows(given.files.out)) return write_table(given, computer, found, progress);
  given.files.settings = settings_of(given, network);
  return features_into_files(computer, found, given.files, given.common, progress);
}

/// Below the options in --help.
constexpr const char* kFeaturesFooter =
    "A photo that cannot be read has no row and is reported on standard error.\n\n"
    "If IMAGES is one folder that contains only sub-folders, these are the classes, and the labels are "
    "written too. .npz has features, files, labels and class_names; .csv has path, label, f0, f1, ...; "
    ".svm and .libsvm are for scikit-learn's load_svmlight_file; .npy has only the features.\n\n"
    "For many photos: a folder or .jsonl file is written as results come, in memory that does not grow "
    "with "
    "the photos. A folder has features-00000.npy, features-00001.npy, ..., files.csv with the photo and "
    "label "
    "of each row, failed.csv with the photos that cannot be read (exit code 1), and run.json. A line of "
    ".jsonl has file, label and features. After a stop or kill the same command with --resume continues to "
    "the same bytes; --shard 2/8 does the second of eight parts.\n\n"
    "Examples:\n"
    "  graft features mobilenet_v2 photos/ -o features.npy\n"
    "  graft features vgg16 photos/ --weights weights.h5 --layer fc2 -o features.npz\n"
    "  graft features vgg16 photos/ --top -o features.npy\n"
    "  graft features mobilenet_v2 shards/*.tar -o features/ --resume\n"
    "  graft features mobilenet_v2 --list names.txt -o features/ --shard $SLURM_ARRAY_TASK_ID/100\n"
    "  graft features photos-graft --layer block_13_expand a.jpg b.jpg -o features.npy";

}  // namespace

void add_features(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("features", "Write the output of a layer for photos, for numpy or scikit-learn");
  auto given = std::make_shared<FeaturesArguments>();
  add_model_argument(*command, given->model);
  command->add_option(
      "IMAGES", given->images,
      "photos, or folders or archives (.zip, .tar) with photos, or - for names on standard input; one row "
      "each, in this order; or the folder of --labels");
  command
      ->add_option(
          "-o,--output", given->files.out,
          "the file to write: .npy, .npz, .csv, .svm or .libsvm; for many photos .jsonl, or a folder "
          "for .npy files of --rows-per-file rows")
      ->required()
      ->type_name("FILE");
  command->add_option("--rows-per-file", given->files.rows_per_file, "rows of each .npy file in a folder")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000000))
      ->type_name("N");
  add_long_run_options(*command, given->files.run);
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
  command->add_option("--batch-size", given->files.block, "photos per batch")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
  add_interpolation_option(*command, given->common);
  add_label_options(*command, given->listing);
  add_listing_options(*command, given->listing, false);
  add_precision_option(*command, given->common.execution);
  add_common_options(*command, given->common);
  command->footer(kFeaturesFooter);
  command->callback([given, &run] { run = [given] { return features(*given); }; });
}

}  // namespace graft::cli
