// SPDX-License-Identifier: Apache-2.0
// graft summary MODEL|ARCHITECTURE
#include <iostream>
#include <memory>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/error.hpp"
#include "graft/pretrained.hpp"
#include "graft/saving.hpp"

#include "cli/exit_code.hpp"
#include "cli/fetch_weights.hpp"
#include "cli/network.hpp"
#include "cli/output.hpp"
#include "cli/values.hpp"

namespace graft::cli {
namespace {

/// Readable on a screen; with Keras's 200 the picture of a deep network is too large for most viewers.
constexpr int kDotsPerInch = 96;

struct SummaryArguments {
  ModelArgument model;
  std::optional<Shape> input_shape;
  bool no_top = false;
  std::string pooling;
  std::int64_t classes = 0;  ///< 0: those of the architecture
  std::string freeze;
  std::string fine_tune_from;
  bool expand_nested = false;
  bool show_trainable = false;
  int line_length = 0;
  std::string plot;
  bool json = false;
};

saving::LoadedModel model_of(const SummaryArguments& given) {
  const Network network = find_network(given.model);
  const std::string weights = weights_of(network, given.model);
  check_architecture_option(network, "--no-top", given.no_top);
  check_architecture_option(network, "--input-shape", given.input_shape.has_value());
  check_architecture_option(network, "--pooling", !given.pooling.empty());
  check_architecture_option(network, "--classes", given.classes != 0);
  if (network.is_file())
    return weights.empty() ? saving::load_model(network.file) : saving::load_model(network.file, weights);
  if (!given.pooling.empty() && !given.no_top)
    fail(ErrorKind::invalid_argument, "--pooling: has no effect with the classifier; add --no-top");
  if (given.classes != 0 && given.no_top)
    fail(ErrorKind::invalid_argument, "--classes: has no effect with --no-top; leave one of them out");
  applications::ApplicationOptions options{
      .include_top = !given.no_top, .weights = "none", .pooling = given.pooling, .alpha = given.model.alpha};
  if (given.classes != 0) options.classes = given.classes;
  if (given.input_shape) options.input_shape = *given.input_shape;
  if (weights.empty()) return {.model = network.application->build(options)};
  fetch_if_asked(given.model.download, *network.application, options, weights, false);
  Model model = classify::build_for_weights(*network.application, options, weights);
  const saving::LoadReport report = classify::load_pretrained(model, *network.application, options, weights);
  if (!report.missing.empty() || !report.unused.empty()) std::cerr << "weights: " << report.summary() << '\n';
  return {.model = model};
}

/// Freezes layers as the options say, before their parameters are counted.
void freeze_layers(const SummaryArguments& given, const Model& model) {
  if (given.freeze.empty() && given.fine_tune_from.empty()) return;
  static_cast<void>(models::freeze(model, {.names = given.freeze, .from = given.fine_tune_from}));
}

int summary(const SummaryArguments& given) {
  const saving::LoadedModel loaded = model_of(given);
  const Model& model = loaded.model;
  freeze_layers(given, model);
  if (!given.plot.empty()) {
    saving::plot_model(model, given.plot,
                       {.show_shapes = true,
                        .show_layer_names = true,
                        .expand_nested = given.expand_nested,
                        .show_layer_activations = true,
                        .show_trainable = given.show_trainable,
                        .dpi = kDotsPerInch});
  }
  if (given.json) {
    print_json(saving::summary_json(model));
  } else {
    std::cout << saving::summary(model, {.line_length = given.line_length,
                                         .console_width = console_width(),
                                         .expand_nested = given.expand_nested,
                                         .show_trainable = given.show_trainable,
                                         .optimizer_params = loaded.optimizer_params});
  }
  return kOk;
}

}  // namespace

void add_summary(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("summary", "List the layers of a model and count its parameters");
  auto given = std::make_shared<SummaryArguments>();
  add_model_argument(*command, given->model);
  add_weights_option(*command, given->model);
  add_parsed_option(*command, "--input-shape", given->input_shape, read_shape,
                    "input shape of an architecture")
      ->type_name("H,W,C");
  command->add_flag("--no-top", given->no_top, "an architecture without its classifier");
  add_choice(*command, "--pooling", given->pooling, {"avg", "max"},
             "with --no-top: the mean or maximum over the image as the last layer");
  command->add_option("--classes", given->classes, "number of classes of an architecture's classifier")
      ->check(CLI::Range(1, 1000000))
      ->type_name("N");
  command
      ->add_option("--freeze", given->freeze,
                   "count with these layers frozen, e.g. 'block1_*|block2_*', '*' or re:REGEX")
      ->type_name("NAMES");
  command
      ->add_option("--fine-tune-from", given->fine_tune_from,
                   "count with all layers before this one frozen: a name or an index")
      ->type_name("LAYER");
  command->add_flag("--expand-nested", given->expand_nested, "also list the layers of nested models");
  command->add_flag("--show-trainable", given->show_trainable, "add a column: is the layer trainable?");
  command
      ->add_option("--line-length", given->line_length,
                   "columns of the table; default: as Keras, the terminal's width or $COLUMNS")
      ->check(CLI::Range(40, 1000))
      ->type_name("N");
  command
      ->add_option("--plot", given->plot,
                   "also draw the graph: .dot, or with Graphviz installed .svg, .png, .pdf")
      ->type_name("FILE");
  command->add_flag("--json", given->json, "print JSON on standard output");
  command->footer(
      "Examples:\n"
      "  graft summary mobilenet_v2 --input-shape 160,160,3 --no-top\n"
      "  graft summary photos-graft --expand-nested --show-trainable\n"
      "  graft summary photos-graft --plot model.svg");
  command->callback([given, &run] { run = [given] { return summary(*given); }; });
}

}  // namespace graft::cli
