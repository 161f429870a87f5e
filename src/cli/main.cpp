// SPDX-License-Identifier: Apache-2.0
// The program graft: reads the command line, runs one command, turns errors into messages and exit codes.
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/version.hpp"

#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/failure.hpp"
#include "cli/help_formatter.hpp"
#include "cli/safe_output.hpp"
#include "cli/stop.hpp"

namespace graft::cli {
namespace {

int report_error(const std::string& message, int code) {
  std::cerr << "graft: " << message << '\n';
  return code;
}

int run_and_flush(const Run& run, const CLI::App& command) {
  try {
    const int code = run();
    flush_output();
    return code;
  } catch (const std::exception&) {
    const Failure failure = current_failure(command);
    return report_error(failure.message, failure.code);
  }
}

void add_commands(CLI::App& app, Run& run) {
  using Add = void (*)(CLI::App&, Run&);
  const auto add_group = [&](const char* group, std::initializer_list<Add> commands) {
    const std::size_t before = app.get_subcommands({}).size();
    for (const Add add : commands) add(app, run);
    const auto all = app.get_subcommands({});
    for (std::size_t i = before; i < all.size(); ++i) all[i]->group(group);
  };
  add_group("Train and use a classifier",
            {add_train, add_predict, add_evaluate, add_report, add_compare, add_serve, add_studio});
  add_group("Prepare a training", {add_inspect, add_advise, add_preview, add_lr_find});
  add_group("Look into models and change them", {add_explain, add_similar, add_map, add_summary, add_features,
                                                 add_edit, add_quantize, add_export});
  add_group("Networks and this computer",
            {add_models, add_weights, add_profile, add_cache, add_manual, add_completion});
}

/// "graft train --help", of the command that was found.
std::string help_of(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return cat("\n  See: graft ", chosen.empty() ? "" : chosen.front()->get_name() + " ", "--help");
}

/// The exit code where there is nothing to run: after --help, and for a command line that is wrong.
std::optional<int> parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    if (app.get_subcommands().empty() && argv[1][0] != '-')
      return report_error(cat("there is no command '", argv[1], "'\n  See: graft --help"), kUsage);
    return report_error(error.what() + help_of(app), kUsage);
  } catch (const std::exception&) {  // of an option's value that the library reads
    const auto chosen = app.get_subcommands();
    const Failure failure = current_failure(chosen.empty() ? app : *chosen.front());
    return report_error(failure.message + help_of(app), failure.code);
  }
}

int main_with(int argc, char** argv) {
  CLI::App app{
      "graft trains classifiers on folders of photos by transfer learning: it puts a new head on a "
      "pretrained "
      "network, fine-tunes it, and writes a model file that Keras opens.",
      "graft"};
  app.formatter(std::make_shared<HelpFormatter>());
  app.require_subcommand(1);
  app.set_version_flag("--version", cat("graft ", version()), "print the version");
  app.footer(
      cat("Examples:\n"
          "  graft train photos/                  train on photos/, a sub-folder per class\n"
          "  graft predict photos-graft new.jpg   classify a photo\n"
          "  graft train --help                   all options of a command\n\n",
          exit_code_help()));
  Run run;
  add_commands(app, run);
  if (argc <= 1) {
    std::cout << app.help();
    return kUsage;
  }
  if (const std::optional<int> code = parse(app, argc, argv)) return *code;
  return run_and_flush(run, *app.get_subcommands().front());
}

/// Ends the program without the destructors of libraries, which return memory piece by piece that the system
/// takes back at once: 4 ms of a prediction. Threads of commands are joined by then.
[[noreturn]] void leave(int code) {
  std::cout.flush();
  std::cerr.flush();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  std::exit(code);  // what sanitizers report, they report at the end
#else
  std::_Exit(code);
#endif
}

}  // namespace
}  // namespace graft::cli

int main(int argc, char** argv) {
  graft::cli::let_large_writes_fail();
  const graft::cli::SafeOutput out(std::cout);
  const graft::cli::SafeOutput err(std::cerr);
  graft::cli::set_command_line(argc, argv);
  graft::cli::leave(graft::cli::main_with(argc, argv));
}
