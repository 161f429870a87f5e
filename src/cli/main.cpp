// SPDX-License-Identifier: Apache-2.0
// The program graft: reads the command line, runs one command, turns errors into messages and exit codes.
#include <exception>
#include <iostream>
#include <new>

#include "graft/base/fail.hpp"
#include "graft/base/version.hpp"

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/stop.hpp"

namespace graft::cli {
namespace {

int complain(const std::string& message, int code) {
  std::cerr << "graft: " << message << '\n';
  return code;
}

int run_and_flush(const Run& run) {
  try {
    const int code = run();
    std::cout.flush();
    if (!std::cout) return complain("standard output cannot be written", exit_code(ErrorKind::io));
    return code;
  } catch (const Error& error) {
    return complain(error.what(), exit_code(error.kind()));
  } catch (const std::bad_alloc&) {
    return complain("out of memory; a smaller --batch-size or --image-size needs less",
                    exit_code(ErrorKind::resource_limit));
  } catch (const std::exception& error) {
    return complain(cat("internal error, please report it: ", error.what()), exit_code(ErrorKind::internal));
  }
}

int main_with(int argc, char** argv) {
  CLI::App app{
      "graft turns a folder of photos into a classifier: it gives a pretrained network a new head and\n"
      "fine-tunes it, and writes a model file that Keras opens too.",
      "graft"};
  app.require_subcommand(1);
  app.set_version_flag("--version", cat("graft ", version()));
  app.footer(
      cat("Examples:\n"
          "  graft train photos/                      one sub-folder per class; writes photos-graft/\n"
          "  graft predict photos-graft new.jpg       what is on a photo\n"
          "  graft train --help                       all options of a command\n\n",
          exit_code_help()));
  Run run;
  add_train(app, run);
  add_advise(app, run);
  add_evaluate(app, run);
  add_predict(app, run);
  add_summary(app, run);
  add_features(app, run);
  add_models(app, run);
  add_profile(app, run);
  add_edit(app, run);
  add_quantize(app, run);
  add_lr_find(app, run);
  add_preview(app, run);
  add_cache(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    const auto chosen = app.get_subcommands();
    if (chosen.empty() && argc > 1 && argv[1][0] != '-')
      return complain(cat("there is no command '", argv[1], "'\n  See: graft --help"), kUsage);
    const std::string command = chosen.empty() ? "" : chosen.front()->get_name() + " ";
    return complain(cat(error.what(), "\n  See: graft ", command, "--help"), kUsage);
  }
  return run_and_flush(run);
}

}  // namespace
}  // namespace graft::cli

int main(int argc, char** argv) {
  graft::cli::let_large_writes_fail();
  return graft::cli::main_with(argc, argv);
}
