// SPDX-License-Identifier: Apache-2.0
// graft export MODEL|ARCHITECTURE [PHOTOS...] -o FILE.onnx|FILE.tflite|model.json|FILE.hpp
#include <iostream>
#include <memory>
#include <optional>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/random.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/file_entries.hpp"
#include "graft/onnx.hpp"
#include "graft/saving.hpp"
#include "graft/training.hpp"

#include "cli/common_options.hpp"
#include "cli/drawn_pictures.hpp"
#include "cli/exit_code.hpp"
#include "cli/export_formats.hpp"
#include "cli/export_proof.hpp"
#include "cli/network.hpp"
#include "cli/out_folder.hpp"
#include "cli/output.hpp"
#include "cli/photos.hpp"
#include "cli/progress.hpp"
#include "cli/values.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPhotos = 64;
constexpr std::size_t kMostPhotosOfInt8 = 256;  ///< accuracy needs more
constexpr std::size_t kMostPhotosInNode = 16;   ///< which computes in plain JavaScript
constexpr std::int64_t kRandomPhotos = 4, kDrawnPictures = 16;

struct ExportArguments {
  ModelArgument model;
  std::vector<std::string> photos;
  std::string output;
  bool force = false;
  ExportSettings settings;
  bool verify = false;
  ProofLimits limits;
  CommonOptions common;
};

/// Where no photos are given. Random pixels are no photos: in 8 bits what they make is cut off at the ends of
/// the ranges, and all of them look the same to a network, so that a few say nothing about rounding.
Samples made_samples(const ExportArguments& given, const Classifier& classifier) {
  const Size2D size = classifier.image_size();
  const std::int64_t channels = classifier.model().input_shape()[-1];
  if (given.settings.int8)
    return {.batch = drawn_pictures({kDrawnPictures, size.height, size.width, channels}),
            .kind = SampleKind::drawn_pictures};
  Samples samples{.batch = Tensor({kRandomPhotos, size.height, size.width, channels}),
                  .kind = SampleKind::random_pixels};
  Rng random(1);
  for (float& pixel : samples.batch.data()) pixel = static_cast<float>(random.below(256));
  return samples;
}

/// Photos below the names. For files of 8 bits they have their classes, and of a folder with train/ they are
/// those of test/ or val/: what graft quantize compares on.
data::PhotoList list_samples(const ExportArguments& given) {
  std::vector<std::string> names = given.photos;
  std::error_code ignored;
  const bool labelled = given.settings.int8 && names.size() == 1 && fs::is_directory(names[0], ignored);
  if (labelled) {
    const data::Layout layout = data::find_layout(names[0]);
    if (layout.has_parts() && (layout.test || layout.validation))
      names[0] = (layout.test ? *layout.test : *layout.validation).string();
  }
  data::PhotoList list = list_images(names, {});
  list.labels.clear();
  if (labelled) label_by_folder(names[0], list);
  return list;
}

/// Some of every class: every n-th photo, `most` of them.
data::PhotoList thinned(const data::PhotoList& list, std::size_t most) {
  if (list.paths.size() <= most) return list;
  data::PhotoList some{.paths = {}, .labels = {}, .class_names = list.class_names, .left_out = {}};
  for (std::size_t i = 0; i < most; ++i) {
    const std::size_t at = i * list.paths.size() / most;
    some.paths.push_back(list.paths[at]);
    if (!list.labels.empty()) some.labels.push_back(list.labels[at]);
  }
  return some;
}

Samples load_samples(const ExportArguments& given, const Classifier& classifier) {
  if (given.photos.empty()) return made_samples(given, classifier);
  PhotoProgress progress(given.common.quiet);
  const bool in_node = given.verify && fs::path(given.output).extension() == ".json";
  const std::size_t most = given.settings.int8 ? kMostPhotosOfInt8
                           : in_node           ? kMostPhotosInNode
                                               : kMostPhotos;
  const data::PhotoList list = thinned(list_samples(given), most);
  data::LoadPhotosOptions load = classifier.load_options();
  load.decode.exif = given.common.exif.value_or(load.decode.exif);
  Samples samples{};
  const std::optional<data::PhotoSet> photos = load_images(list, load, progress.photos(), samples.left_out);
  progress.clear();
  if (!photos) {
    report_left_out(samples.left_out);
    fail_without_photos(given.photos);
  }
  const data::Dataset all = photos->all({.batch_size = static_cast<std::int64_t>(most)});
  samples.batch = all.iterate().next().value().images;
  samples.truth = true_classes(classifier, *photos);
  return samples;
}

/// Pixels as the file's program scales them.
Tensor scaled_as_given(const ExportArguments& given, const Tensor& batch) {
  if (!given.settings.teachable_machine) return batch;
  Tensor scaled = batch.clone();
  for (float& pixel : scaled.data()) pixel = (pixel / 127) - 1;
  return scaled;
}

/// (N, H, W, C) as the file's input has it.
Tensor as_input(const ExportArguments& given, const Tensor& batch) {
  if (!given.settings.nchw) return batch;
  const Shape& s = batch.shape();
  Tensor turned({s[0], s[3], s[1], s[2]});
  const auto from = batch.data();
  std::size_t at = 0;
  const std::int64_t places = s[1] * s[2];
  for (std::int64_t n = 0; n < s[0]; ++n) {
    for (std::int64_t c = 0; c < s[3]; ++c) {
      for (std::int64_t i = 0; i < places; ++i)
        turned.data()[at++] = from[static_cast<std::size_t>((((n * places) + i) * s[3]) + c)];
    }
  }
  return turned;
}

/// A written file, and the folder for what is made of it.
struct Trial {
  fs::path folder, file;
};

/// What graft reads from the file; nothing where it has no layers for that.
std::optional<Tensor> own_answer(const fs::path& file, const Tensor& batch) {
  try {
    Model read = saving::load_model(file).model;
    return read.predict(batch);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unsupported) throw;
    std::cerr << "note: graft cannot read this file back: " << error.what() << '\n';
    return std::nullopt;
  }
}

void prove(const ExportArguments& given, const ExportFormat& format, const Trial& trial,
           const Samples& samples, Proof& proof) {
  const Tensor batch = scaled_as_given(given, samples.batch);
  if (format.readable) {
    // graft's layers have N, H, W, C whatever the file has.
    if (const std::optional<Tensor> answer = own_answer(trial.file, batch))
      proof.add("graft's own reader", *answer);
  } else if (!given.verify && !given.common.quiet) {
    std::cerr << "note: not compared with graft's answers: --verify compiles it\n";
  }
  if (given.verify) {
    const NamedAnswer answer =
        outside_answer(format, given.settings, trial.file, as_input(given, batch), trial.folder);
    proof.add(answer.engine, answer.output);
  }
}

const char* precision_of(const ExportSettings& settings) {
  return settings.int8 ? "int8" : settings.float16 ? "float16" : "float32";
}

fs::path checked_output(const ExportArguments& given) {
  fs::path file = given.output;
  std::error_code ignored;
  for (const fs::path& one : replaced_files(file)) {
    if (given.force || !fs::exists(one, ignored)) continue;
    fail(ErrorKind::invalid_argument, "-o ", one.string(),
         " exists already; name another file, or overwrite it with --force");
  }
  check_output_file(file);
  return file;
}

void print_exported(const ExportArguments& given, const fs::path& file, const Proof& proof,
                    const Samples& samples) {
  if (given.common.json) {
    std::uintmax_t bytes = 0;
    for (const fs::path& one : exported_files(file)) bytes += fs::file_size(one);
    Json answer{{"output", file.string()},
                {"format", export_format_of(given.output, given.settings).name},
                {"precision", precision_of(given.settings)},
                {"input_layout", given.settings.nchw ? "NCHW" : "NHWC"},
                {"bytes", bytes},
                {"checks", proof.to_json()},
                {"skipped_images", left_out_json(samples.left_out)}};
    if (const auto exact = float32_operators_of(file, given.settings)) answer["float32_operators"] = *exact;
    if (file.extension() == ".onnx") answer["opset"] = given.settings.opset.value_or(OnnxOptions().opset);
    print_json(answer);
    return;
  }
  std::cout << proof.text();
  if (const auto exact = float32_operators_of(file, given.settings); exact && !exact->empty()) {
    std::string list;
    for (const auto& [name, count] : *exact) list += cat(list.empty() ? "" : ", ", count, " ", name);
    std::cout << "in float32: " << list << '\n';
  }
  for (const fs::path& one : exported_files(file)) std::cout << one.string() << '\n';
}

int export_model(const ExportArguments& given) {
  use_threads(given.common.execution);
  const ExportFormat& format = export_format_of(given.output, given.settings);
  const fs::path file = checked_output(given);
  const Classifier classifier = open_classifier(given.model, given.common.execution);
  const Samples samples = load_samples(given, classifier);
  if (!given.common.json) report_left_out(samples.left_out);
  Proof proof(classifier, samples, given.settings.int8, given.settings.float16, given.limits);
  ExportMetadata metadata = classify::exported_metadata(classifier);
  const AtomicDirectory folder(fs::path(file).replace_extension(".checked"));  // never committed
  const Trial trial{folder.temporary_path(), folder.temporary_path() / cat("model", format.extension)};
  format.save(given.settings, classifier, metadata, trial.file);
  prove(given, format, trial, samples, proof);
  if (!proof.is_empty()) metadata["checks"] = dumped(proof.to_json());
  format.save(given.settings, classifier, metadata, file);
  print_exported(given, file, proof, samples);
  return exit_code_for(samples.left_out);
}

void add_export_options(CLI::App& command, ExportArguments& given) {
  command
      .add_option(
          "-o,--output", given.output,
          "the file to write (.onnx, .tflite for phones, model.json for pages with TensorFlow.js, .hpp for "
          "C++ source)")
      ->required()
      ->type_name("FILE");
  command.add_flag("--force", given.force, "overwrite FILE when it exists");
  command.add_option("--opset", given.settings.opset, "version of ONNX's operators (default: 13)")
      ->check(CLI::Range(13, 17))
      ->type_name("N");
  command.add_flag(
      "--float16", given.settings.float16,
      "weights in 16 bits, in ONNX files computation too: half the size; input and output stay float32");
  CLI::Option* int8 =
      command.add_flag("--int8", given.settings.int8,
                       "ONNX and .tflite: 8-bit kernels and values of a model that graft quantize has "
                       "written; answers are compared with graft's own in 8 bits");
  command.add_flag("--nchw", given.settings.nchw,
                   "ONNX: the input has its channels first, as in PyTorch's files");
  command.add_flag("--teachable-machine", given.settings.teachable_machine,
                   "model.json: for Teachable Machine's pages and library, which scale pixels themselves: "
                   "model.json, weights.bin, metadata.json");
  command.add_flag(
      "--verify", given.verify,
      "compare with ONNX Runtime or LiteRT in a Python environment, which is made in graft's cache the "
      "first time (needs a network); $GRAFT_ONNX_PYTHON and $GRAFT_LITERT_PYTHON name another Python that "
      "has it; model.json with TensorFlow.js in Node, which npm installs in a temporary folder or the one "
      "that "
      "$GRAFT_TFJS_FOLDER names; C++ source is compiled");
  command
      .add_option(
          "--max-difference", given.limits.difference,
          "largest difference from graft's own answers (1e-4, with --float16 0.02, with --int8 0.05 more "
          "than graft's own int8 differs from float32)")
      ->type_name("X");
  command
      .add_option(
          "--most-lost", given.limits.lost,
          "with --int8: fraction of the photos that the file may classify worse than graft's own int8; "
          "one photo it always may")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0))
      ->needs(int8)
      ->type_name("X");
}

}  // namespace

void add_export(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand(
      "export", "Write a model for other programs: ONNX, TensorFlow Lite, TensorFlow.js, C++");
  auto given = std::make_shared<ExportArguments>();
  add_model_argument(*command, given->model);
  command->add_option(
      "PHOTOS", given->photos,
      "photos or folders to compare the file's answers on (64 at most, with --int8 256; none: random "
      "pixels, with --int8 drawn pictures)");
  add_export_options(*command, *given);
  add_weights_option(*command, given->model);
  add_class_names_option(*command, given->model);
  add_pixels_option(*command, given->model.pixels, "how the program around a model file scaled its pixels");
  add_common_options(*command, given->common);
  command->footer(
      "The file's input is called image: float32 (batch, height, width, 3), red first, values from 0 to 255. "
      "A program that runs it resizes photos to that height and width, and nothing else: the preprocessing "
      "is "
      "inside. "
      "Its metadata has the class names and how photos were resized in training (graft.json).\n\n"
      "Before the file is written its answers are compared with graft's own. If they differ by more than "
      "--max-difference, nothing is written (exit code 5). The difference is printed and stored in the "
      "metadata. With --int8 also the accuracy, where PHOTOS is one folder whose sub-folders are the "
      "classes; of "
      "one with train/, test/ or val/ is used.\n\n"
      "Examples:\n"
      "  graft export photos-graft photos/ -o photos.onnx\n"
      "  graft export photos-graft photos/ -o photos.onnx --verify\n"
      "  graft export mobilenet_v2 -o mobilenet.onnx --float16 --opset 17\n"
      "  graft export photos-int8.keras photos/ -o small.onnx --int8   after graft quantize\n"
      "  graft export photos-graft photos/ -o photos.tflite       for Android, iOS, LiteRT\n"
      "  graft export photos-int8.keras photos/ -o small.tflite --int8   and for processors of 8 bits\n"
      "  graft export photos-graft photos/ -o page/model.json     for TensorFlow.js in pages\n"
      "  graft export photos-graft photos/ -o photos.hpp --verify   without any library");
  command->callback([given, &run] { run = [given] { return export_model(*given); }; });
}

}  // namespace graft::cli
