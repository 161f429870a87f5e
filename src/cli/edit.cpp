// SPDX-License-Identifier: Apache-2.0
// graft edit MODEL|ARCHITECTURE -o NEW
#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classify/classifier_metadata.hpp"
#include "graft/error.hpp"
#include "graft/evaluation.hpp"
#include "graft/saving.hpp"
#include "graft/train.hpp"
#include "graft/transfer/earlier_run.hpp"

#include "cli/edit_steps.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"
#include "cli/output.hpp"
#include "cli/values.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

struct EditArguments {
  ModelArgument model;
  NewModel output;
  bool json = false;
  bool quiet = false;
  EditSteps steps;
};

struct Opened {
  EditedModel edited;
  std::map<std::string, std::string> extra;
  bool was_compiled = false;
  std::vector<std::string> missing;  ///< weights that the file of an architecture lacks
};

Opened open_model(const Network& network, ModelArgument model) {
  if (!network.is_file()) {
    model.allow_missing_weights = true;
    const Classifier classifier = open_classifier(model, {});
    return {.edited = {.model = classifier.model(), .metadata = classifier.metadata()},
            .missing = classifier.missing_weights()};
  }
  saving::LoadedModel loaded = load_network_file(network, model);
  Json metadata = classifier_metadata(loaded.extra, network.file);
  std::vector<std::string> notes;
  classify::add_names_beside(metadata, loaded.model, network.file, notes);
  for (const std::string& note : notes) std::cerr << "note: " << note << '\n';
  return {.edited = {.model = std::move(loaded.model), .metadata = std::move(metadata)},
          .extra = std::move(loaded.extra),
          .was_compiled = !loaded.compile_config->is_null()};
}

/// Weights that the file lacked may only be those of layers that a step replaced or dropped.
void check_missing(const std::vector<std::string>& missing, const EditedModel& edited,
                   const std::string& weights) {
  // Paths of a report begin with the network's layer in the classifier, mobilenetv2/Conv1/kernel.
  const auto is_replaced = [&](const std::string& path) {
    const auto is_it = [&](const std::string& other) { return other == path || other.ends_with("/" + path); };
    return std::ranges::any_of(edited.reports, [&](const models::EditReport& report) {
      return std::ranges::any_of(report.created, is_it, &models::ChangedWeight::path) ||
             std::ranges::any_of(report.dropped, is_it);
    });
  };
  std::vector<std::string> left;
  std::ranges::remove_copy_if(missing, std::back_inserter(left), is_replaced);
  if (left.empty()) return;
  fail(ErrorKind::not_found, weights, " lacks ", left.size(),
       " weights that the edited model keeps: ", left.front(), left.size() > 1 ? ", ..." : "",
       "; expected weights with the top, or a step that replaces or removes these layers (--classes, "
       "--hidden, "
       "--truncate)");
}

/// Without steps a model file is only written in another format.
models::EditReport conversion(const Network& network, const fs::path& to, const Model& model) {
  if (!network.is_file() || network.file.extension() == to.extension()) {
    fail(ErrorKind::invalid_argument,
         "edit: expected at least one step, e.g. --input-size 128, or another format for -o; see graft edit "
         "--help");
  }
  const std::int64_t params = model.count_params();
  models::EditReport report{
      .edit = cat("written as ", to.extension().string(), " instead of ", network.file.extension().string()),
      .params_before = params,
      .params_after = params,
      .params_kept = params};
  for (const VariablePtr& weight : model.weights()) report.kept.push_back(weight->path());
  return report;
}

int edit(const EditArguments& given) {
  const Network network = find_network(given.model);
  const fs::path file = new_model_file(given.output, network);
  Opened opened = open_model(network, given.model);
  EditedModel& edited = opened.edited;
  apply_steps(edited, given.steps);
  check_missing(opened.missing, edited, given.model.weights);
  if (edited.reports.empty()) edited.reports.push_back(conversion(network, file, edited.model));
  if (opened.was_compiled)
    edited.reports.back().notes.emplace_back(
        "The state of the optimizer was dropped: it belongs to the old weights.");
  opened.extra.erase(kTrainingFeaturesEntry);  // they are of the model before the edit
  if (!edited.metadata.is_null()) opened.extra[kMetadataEntry] = edited.metadata.dump();
  if (file.has_parent_path()) fs::create_directories(file.parent_path());
  saving::save_model(edited.model, file, {.extra = opened.extra});
  if (network.is_file() && file.filename() == "model.keras")
    transfer::copy_round_files(fs::absolute(network.file).parent_path(), fs::absolute(file).parent_path());
  if (given.json) {
    Json reports = Json::array();
    for (const models::EditReport& report : edited.reports) reports.push_back(report.json());
    print_json({{"model", file.string()},
                {"total_params", edited.model.count_params()},
                {"input_shape", edited.model.input_shape().without_batch().sizes()},
                {"output_shape", edited.model.output_shape().without_batch().sizes()},
                {"edits", std::move(reports)}});
  } else {
    if (!given.quiet) {
      for (const models::EditReport& report : edited.reports) std::cout << report.text();
    }
    std::cout << file.string() << "  " << edited.model.input_shape() << " to " << edited.model.output_shape()
              << '\n';
  }
  return kOk;
}

void add_names(CLI::App& command, const char* flag, std::vector<std::string>& into, const char* help) {
  command.add_option(flag, into, help)->type_name("NAME")->delimiter(',')->allow_extra_args(false);
}

void add_layer_steps(CLI::App& command, EditSteps& steps) {
  const auto layer_and_new = [&](const char* flag, std::vector<std::pair<std::string, std::string>>& into,
                                 const char* help) {
    command.add_option(flag, into, help)->type_name("NAME LAYER")->allow_extra_args(false);
  };
  command.add_option("--extract", steps.extract, "keep only a nested model, such as the base")
      ->type_name("NAME");
  command
      .add_option("--truncate", steps.truncate, "end the model at this layer: features instead of classes")
      ->type_name("NAME");
  add_names(command, "--remove", steps.remove, "remove a layer with one input");
  layer_and_new("--replace", steps.replace, "replace a layer by a new one");
  layer_and_new("--insert-before", steps.insert_before, "insert a new layer before this one");
  layer_and_new("--insert-after", steps.insert_after, "insert a new layer after this one");
}

void add_input_steps(CLI::App& command, EditSteps& steps) {
  add_parsed_option(command, "--input-size", steps.input_size, read_size,
                    "height and width of the input: one number, or H,W")
      ->type_name("N");
  add_pixels_option(
      command, steps.pixels,
      "scale the pixels in the model as the program around it did, so that it accepts 0 to 255");
  command.add_option("--channels", steps.channels, "channels of the input; adapts the first kernel")
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
  add_choice(command, "--new-channels", steps.new_channels, {"average", "zero"},
             "kernel of added channels: the average of the others, or zero")
      ->capture_default_str();
}

void add_head_steps(CLI::App& command, EditSteps& steps) {
  add_names(command, "--class-names", steps.class_names,
            "name the classes that there are, in their order; no weight changes");
  add_names(command, "--classes", steps.classes,
            "all classes of the new head, or their number; known names keep their weights");
  command.add_flag("--new-head", steps.new_head,
                   "with --classes: replace the head also where the number of classes stays the same");
  add_names(command, "--add-class", steps.add_class, "add a class");
  add_names(command, "--remove-class", steps.remove_class, "remove a class");
  command
      .add_option("--hidden", steps.hidden,
                  "units of Dense layers before the classifier; they replace existing ones")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(1, 1 << 20))
      ->type_name("N,N");
  command.add_flag("--no-hidden", steps.no_hidden, "put the classifier directly on the features");
  command.add_option("--dropout", steps.dropout, "with --hidden: dropout rate before the classifier")
      ->check(CLI::Range(0.0, 0.99))
      ->type_name("X");
}

void add_freezing_steps(CLI::App& command, EditSteps& steps) {
  command
      .add_option(
          "--freeze", steps.freeze,
          "layers that stay frozen in training, e.g. 'block1_*|block2_*', '*' or re:REGEX; the others train")
      ->type_name("NAMES");
  command
      .add_option("--fine-tune-from", steps.fine_tune_from,
                  "freeze all layers before this one (name or index), and train the rest")
      ->type_name("LAYER");
}

}  // namespace

void add_edit(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("edit", "Change the head, input or layers of a model; keep its weights");
  auto given = std::make_shared<EditArguments>();
  add_model_argument(*command, given->model);
  add_layer_steps(*command, given->steps);
  add_input_steps(*command, given->steps);
  add_head_steps(*command, given->steps);
  add_freezing_steps(*command, given->steps);
  add_new_model_options(*command, given->output);
  add_weights_option(*command, given->model);
  command->add_flag("--json", given->json, "print the report as JSON");
  command->add_flag("--quiet", given->quiet, "print no report");
  command->footer(
      "The steps are applied in the order of this list, whatever their order on the command line. The report "
      "lists the weights that were kept, adapted or initialised. LAYER is a Keras class with its options. "
      "NAME may be a layer of a nested model: Conv1, or mobilenetv2_1.00_160/Conv1 if several layers have "
      "that name. Names may be separated by commas.\n\n"
      "Examples:\n"
      "  graft edit pets-graft -o more-pets --add-class hamster\n"
      "  graft edit pets-graft -o pets-large --input-size 224\n"
      "  graft edit pets-graft -o pets-grey --channels 1\n"
      "  graft edit pets-graft -o new --insert-before head 'Dropout(rate=0.4)'\n"
      "  graft edit pets-graft -o other --classes oak,elm,ash --hidden 256\n"
      "  graft edit vgg16 --weights vgg16.h5 -o fc2.keras --truncate fc2\n"
      "  graft edit vgg16 -o cats --classes cats,dogs --hidden 256 --dropout 0.5 --fine-tune-from "
      "head_dense_1\n"
      "  graft edit model.json --weights weights.h5 -o model.keras     only another format\n"
      "  graft edit pets-graft -o base.keras --extract mobilenetv2_1.00_160");
  command->callback([given, &run] { run = [given] { return edit(*given); }; });
}

}  // namespace graft::cli
