// SPDX-License-Identifier: Apache-2.0
// graft summary MODEL|ARCHITECTURE
#include "graft/saving/summary.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>

#include <sys/ioctl.h>
#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/saving/plot_model.hpp"
#include "graft/saving/save_model.hpp"

#include "cli/common_options.hpp"
#include "cli/exit_code.hpp"
#include "cli/network.hpp"

namespace graft::cli {
namespace {

/// Legible on a screen; Keras's 200 makes a picture of a deep network too large for most viewers.
constexpr int kDotsPerInch = 96;

struct SummaryCommand {
  std::string model;
  std::string input_shape;
  bool no_top = false;
  bool expand_nested = false;
  bool show_trainable = false;
  int line_length = 0;
  std::string plot;
  bool json = false;
};

/// As Keras finds it: what COLUMNS says, else the terminal's, else 80.
int console_width() {
  const char* columns = std::getenv("COLUMNS");
  const int named = columns == nullptr ? 0 : std::atoi(columns);
  if (named > 0) return std::min(named, 10000);
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

saving::LoadedModel model_of(const SummaryCommand& command) {
  const Network network = find_network(command.model);
  if (network.application == nullptr) {
    if (command.no_top || !command.input_shape.empty()) {
      fail(ErrorKind::invalid_argument, "--no-top and --input-shape go with the name of an architecture; ",
           network.file.string(), " is a model that has its own");
    }
    return saving::load_model(network.file);
  }
  applications::ApplicationOptions options{.include_top = !command.no_top};
  if (!command.input_shape.empty()) {
    options.input_shape =
        Shape(read_numbers(command.input_shape, {.option = "--input-shape", .fewest = 3, .most = 3}));
  }
  return {.model = network.application->build(options)};
}

int summary(const SummaryCommand& command) {
  const saving::LoadedModel loaded = model_of(command);
  const Model& model = loaded.model;
  if (!command.plot.empty()) {
    saving::plot_model(model, command.plot,
                       {.show_shapes = true,
                        .show_layer_names = true,
                        .expand_nested = command.expand_nested,
                        .show_layer_activations = true,
                        .show_trainable = command.show_trainable,
                        .dpi = kDotsPerInch});
  }
  if (command.json) {
    print_json(saving::summary_json(model));
  } else {
    std::cout << saving::summary(model, {.line_length = command.line_length,
                                         .console_width = console_width(),
                                         .expand_nested = command.expand_nested,
                                         .show_trainable = command.show_trainable,
                                         .optimizer_params = loaded.optimizer_params});
  }
  return kOk;
}

}  // namespace

void add_summary(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("summary", "List a network's layers and count its parameters");
  auto given = std::make_shared<SummaryCommand>();
  command->add_option("MODEL", given->model, "a model file, the folder with model.keras, or an architecture")
      ->required();
  command->add_option("--input-shape", given->input_shape, "of an architecture")->type_name("H,W,C");
  command->add_flag("--no-top", given->no_top, "of an architecture: without the classifier");
  command->add_flag("--expand-nested", given->expand_nested, "the layers of nested models too");
  command->add_flag("--show-trainable", given->show_trainable, "a column that says which layers train");
  command
      ->add_option("--line-length", given->line_length,
                   "columns of the table; default: as Keras, from the terminal's width or COLUMNS")
      ->check(CLI::Range(40, 1000));
  command->add_option("--plot", given->plot, "draw the graph: .dot, or by Graphviz .svg, .png, .pdf")
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
