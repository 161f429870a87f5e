// SPDX-License-Identifier: Apache-2.0
// graft edit MODEL|ARCHITECTURE -o NEW
#include <iostream>
#include <memory>

#include "graft/base/error.hpp"
#include "graft/base/json.hpp"
#include "graft/saving/save_model.hpp"
#include "graft/transfer/rounds.hpp"

#include "cli/common_options.hpp"
#include "cli/edit_steps.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

struct EditCommand {
  std::string model;
  std::string weights;
  std::string output;
  bool force = false;
  bool json = false;
  bool quiet = false;
  EditSteps steps;
};

struct Opened {
  EditedModel edited;
  std::map<std::string, std::string> extra;
  bool was_compiled = false;
};

Opened open_model(const Network& network, const std::string& weights) {
  check_weights(network, weights);
  if (network.application != nullptr) {
    const Classifier classifier =
        Classifier::imagenet(std::string(network.application->name), weights.empty() ? "imagenet" : weights);
    return {.edited = {.model = classifier.model(), .metadata = classifier.metadata()}};
  }
  saving::LoadedModel loaded = saving::load_model(network.file);
  Json metadata = classifier_metadata(loaded.extra, network.file);
  return {.edited = {.model = std::move(loaded.model), .metadata = std::move(metadata)},
          .extra = std::move(loaded.extra),
          .was_compiled = !loaded.compile_config->is_null()};
}

int edit(const EditCommand& command) {
  const Network network = find_network(command.model);
  const fs::path file = new_model_file({command.output, command.force}, network);
  Opened opened = open_model(network, command.weights);
  EditedModel& edited = opened.edited;
  take_steps(edited, command.steps);
  if (opened.was_compiled)
    edited.reports.back().notes.emplace_back(
        "What the optimizer kept was left out: it belongs to the old weights.");
  if (!edited.metadata.is_null()) opened.extra[kMetadataEntry] = edited.metadata.dump();
  if (file.has_parent_path()) fs::create_directories(file.parent_path());
  saving::save_model(edited.model, file, {.extra = opened.extra});
  if (!network.file.empty() && file.filename() == "model.keras")
    transfer::carry_rounds(fs::absolute(network.file).parent_path(), fs::absolute(file).parent_path());
  if (command.json) {
    Json reports = Json::array();
    for (const models::EditReport& report : edited.reports) reports.push_back(report.json());
    print_json({{"model", file.string()},
                {"total_params", edited.model.count_params()},
                {"input_shape", edited.model.input_shape().without_batch().sizes()},
                {"output_shape", edited.model.output_shape().without_batch().sizes()},
                {"edits", std::move(reports)}});
  } else {
    if (!command.quiet) {
      for (const models::EditReport& report : edited.reports) std::cout << report.text();
    }
    std::cout << file.string() << "  " << edited.model.input_shape() << " to " << edited.model.output_shape()
              << '\n';
  }
  return kOk;
}

void add_steps(CLI::App& command, EditSteps& steps) {
  const auto names = [&](const char* option, std::vector<std::string>& into, const char* what) {
    command.add_option(option, into, what)->type_name("NAME")->delimiter(',')->allow_extra_args(false);
  };
  command.add_option("--extract", steps.extract, "a nested model on its own, such as the base")
      ->type_name("NAME");
  command.add_option("--truncate", steps.truncate, "end at this layer: features instead of classes")
      ->type_name("NAME");
  names("--remove", steps.remove, "a layer with one input; what came in goes on");
  command.add_option("--replace", steps.replace, "another layer in the place of one")
      ->type_name("NAME LAYER")
      ->allow_extra_args(false);
  command.add_option("--insert-before", steps.insert_before, "a new layer in front of one")
      ->type_name("NAME LAYER")
      ->allow_extra_args(false);
  command.add_option("--insert-after", steps.insert_after, "a new layer behind one")
      ->type_name("NAME LAYER")
      ->allow_extra_args(false);
  command.add_option("--input-size", steps.input_size, "height and width of the input")
      ->type_name("N or H,W");
  command.add_option("--channels", steps.channels, "of the input: the first kernel is adapted")
      ->check(CLI::Range(1, 4096));
  command.add_option("--new-channels", steps.new_channels, "what added ones start with: average or zero")
      ->check(CLI::IsMember({"average", "zero"}));
  names("--classes", steps.classes,
        "all classes of the new head, or how many; known names keep what they learnt");
  names("--add-class", steps.add_class, "one class more");
  names("--remove-class", steps.remove_class, "one class less");
  command
      .add_option("--hidden", steps.hidden,
                  "units of Dense layers in front of the classifier, in place of those there")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(1, 1 << 20))
      ->type_name("N,N");
  command.add_flag("--no-hidden", steps.no_hidden, "the classifier right behind the features");
  command
      .add_option("--dropout", steps.dropout,
                  "with --hidden: the fraction left out in front of the classifier")
      ->check(CLI::Range(0.0, 0.99));
}

}  // namespace

void add_edit(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("edit", "Rebuild a model: another head, input or layers, same weights");
  auto given = std::make_shared<EditCommand>();
  command->add_option("MODEL", given->model, "a model file, the folder with model.keras, or an architecture")
      ->required();
  command->add_option("-o,--output", given->output, "the file to write (.keras), or a folder for model.keras")
      ->required()
      ->type_name("NEW");
  command->add_option("--weights", given->weights, "of an architecture: a file, or imagenet")
      ->type_name("FILE");
  add_steps(*command, given->steps);
  command->add_flag("--force", given->force, "write over NEW when it is there");
  command->add_flag("--json", given->json, "print the report as JSON");
  command->add_flag("--quiet", given->quiet, "no report");
  command->footer(
      "Steps are taken in the order of this list, whatever their order on the command line. A report says\n"
      "which weights were kept, adapted or made anew. LAYER is a Keras class with its options. Layers of "
      "nested\n"
      "models are named too: Conv1, or mobilenetv2_1.00_160/Conv1 where several have the name.\n\n"
      "Examples:\n"
      "  graft edit pets-graft -o more-pets --add-class hamster\n"
      "  graft edit pets-graft -o pets-large --input-size 224\n"
      "  graft edit pets-graft -o pets-grey --channels 1\n"
      "  graft edit pets-graft -o pets-regular --insert-before head 'Dropout(rate=0.4)'\n"
      "  graft edit pets-graft -o other --classes oak,elm,ash --hidden 256 --dropout 0.3\n"
      "  graft edit vgg16 --weights vgg16.h5 -o fc2.keras --truncate fc2\n"
      "  graft edit pets-graft -o base.keras --extract mobilenetv2_1.00_160");
  command->callback([given, &run] { run = [given] { return edit(*given); }; });
}

}  // namespace graft::cli
