// SPDX-License-Identifier: Apache-2.0
#include "cli/network.hpp"

#include <iostream>

#include "graft/applications/pixels.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/similar_names.hpp"
#include "graft/classify/int8_ranges.hpp"
#include "graft/quantize.hpp"

#include "cli/error_text.hpp"
#include "cli/fetch_weights.hpp"
#include "cli/values.hpp"

namespace graft::cli {

namespace fs = std::filesystem;

void add_model_argument(CLI::App& command, ModelArgument& model) {
  command
      .add_option("MODEL", model.name,
                  "a model file, a folder with model.keras, or an architecture (see graft models)")
      ->required();
}

void add_weights_option(CLI::App& command, ModelArgument& model) {
  command
      .add_option(
          "--weights", model.weights,
          "weights of an architecture: a file, a name of graft weights list, or imagenet (default); or "
          "of a model's .json")
      ->type_name("FILE");
  add_download_option(command, model.download);
  add_alpha_option(command, model);
}

void add_alpha_option(CLI::App& command, ModelArgument& model) {
  command.add_option("--alpha", model.alpha, "width of an architecture: MobileNet, MobileNetV2, MobileNetV3")
      ->check(CLI::Range(0.01, 10.0))
      ->type_name("X");
}

void add_class_names_option(CLI::App& command, ModelArgument& model) {
  command
      .add_option(
          "--class-names", model.class_names,
          "a file that names the classes in place of the model's: one name a line, or JSON (a list, or "
          "Keras's imagenet_class_index.json)")
      ->type_name("FILE");
}

Network find_network(const ModelArgument& model) {
  std::error_code ignored;
  const fs::path path = model.name;
  const applications::Application* application = applications::look_up_application(model.name);
  Network network;
  if (fs::is_directory(path, ignored)) {
    if (fs::exists(path / "model.keras", ignored)) network.file = path / "model.keras";
    if (network.file.empty() && application == nullptr) network.file = path;  // load_model() says what it is
  } else if (fs::exists(path, ignored)) {
    network.file = path;
  }
  if (network.file.empty()) {
    network.application = application;
    if (application != nullptr) return network;
    fail(ErrorKind::not_found, "there is no file, folder or network '", model.name, "'",
         similar_text(model.name, applications::network_names(), "; graft models lists the networks"));
  }
  if (network.file.extension() == ".json" && model.weights == "imagenet") {
    fail(ErrorKind::invalid_argument, "--weights imagenet: has no effect with a network of your own, ",
         model.name, "; expected a file of weights, or none");
  }
  if (network.file.extension() != ".json")
    check_architecture_option(network, "--weights", !model.weights.empty());
  check_architecture_option(network, "--alpha", model.alpha != 1);
  return network;
}

std::string weights_of(const Network& network, const ModelArgument& model) {
  return network.is_file() && model.weights == "none" ? std::string() : model.weights;
}

saving::LoadedModel load_network_file(const Network& network, const ModelArgument& model,
                                      std::string_view noise) {
  if (network.file.extension() != ".json") return saving::load_model(network.file);
  const std::string weights = weights_of(network, model);
  saving::LoadedModel loaded = saving::load_model(network.file, weights);
  if (weights.empty() && !loaded.has_weights)
    std::cerr << "note: the model has no weights: its " << noise << " are noise\n";
  return loaded;
}

void check_architecture_option(const Network& network, const std::string& option, bool given) {
  if (!given || !network.is_file()) return;
  fail(ErrorKind::invalid_argument, option, " is only for architectures; ", network.file.string(),
       " is a model file with its own");
}

void check_file_option(const Network& network, const std::string& option, bool given) {
  if (!given || network.is_file()) return;
  fail(ErrorKind::invalid_argument, option, " is only for model files; ", network.application->keras_name,
       " knows how its pixels are scaled");
}

void add_pixels_option(CLI::App& command, std::optional<applications::Preprocessing>& pixels,
                       const std::string& help) {
  std::vector<std::pair<std::string, applications::Preprocessing>> names;
  names.reserve(std::size(applications::kPixels));
  for (const applications::NamedPixels& one : applications::kPixels) names.emplace_back(one.name, one.pixels);
  add_choice<std::optional<applications::Preprocessing>, applications::Preprocessing>(command, "--pixels",
                                                                                      pixels, names, help);
}

void check_precision(const Execution& execution, const Json& metadata) {
  if (execution.dtype_policy != DTypePolicy::int8 || classify::int8_ranges(metadata) != nullptr) return;
  fail(ErrorKind::invalid_argument,
       "--precision int8: the model file has no ranges for it; graft quantize writes one that has");
}

Classifier open_classifier(const ModelArgument& model, const Execution& execution, bool quiet) {
  const Network network = find_network(model);
  const ClassifierOptions options{.pixels = model.pixels,
                                  .weights = weights_of(network, model),
                                  .alpha = model.alpha,
                                  .allow_missing_weights = model.allow_missing_weights,
                                  .class_names = model.class_names,
                                  .execution = execution};
  check_file_option(network, "--pixels", model.pixels.has_value());
  if (!network.is_file()) {
    fetch_if_asked(model.download, *network.application, {.alpha = model.alpha},
                   model.weights.empty() ? "imagenet" : model.weights, false);
  }
  Classifier classifier = network.is_file()
                              ? Classifier::open(network.file, options)
                              : Classifier::imagenet(std::string(network.application->name), options);
  for (const std::string& note : classifier.notes())
    if (!quiet) std::cerr << "note: " << note_text(note) << '\n';
  check_precision(execution, classifier.metadata());
  return classifier;
}

void add_new_model_options(CLI::App& command, NewModel& output) {
  command.add_option("-o,--output", output.name, "the file to write (.keras), or a folder for model.keras")
      ->required()
      ->type_name("NEW");
  command.add_flag("--force", output.force, "overwrite NEW when it exists");
}

fs::path new_model_file(const NewModel& output, const Network& source) {
  fs::path file = output.name;
  std::error_code error;
  if (!file.has_filename() || !file.has_extension() || fs::is_directory(file, error)) file /= "model.keras";
  if (!output.force && fs::exists(file, error)) {
    const bool itself = source.is_file() && fs::equivalent(file, source.file, error);
    fail(ErrorKind::invalid_argument, "-o ", file.string(),
         itself ? " is the model itself" : " exists already",
         "; name another file, or overwrite it with --force");
  }
  return file;
}

}  // namespace graft::cli
