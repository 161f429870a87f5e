// SPDX-License-Identifier: Apache-2.0
// graft studio [PROJECT]: a page on this computer that makes a classifier from photos.
#include "graft/serve/studio.hpp"

#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <thread>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "cli/common_options.hpp"
#include "cli/output.hpp"
#include "cli/stop.hpp"

namespace graft::cli {
namespace {

struct StudioArguments {
  serve::StudioOptions options;
  std::string project = "studio-photos";
  int photo_mb = 64;
  CommonOptions common;
};

int run_studio(StudioArguments given) {
  given.options.project = given.project;
  given.options.photo_bytes = static_cast<std::size_t>(given.photo_mb) << 20;
  given.options.execution = given.common.execution;
  std::error_code error;
  given.options.program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) fail(ErrorKind::io, "the program's own file cannot be found: ", error.message());
  use_threads(given.common.execution);
  std::signal(SIGPIPE, SIG_IGN);
  watch_for_interrupt(Stopping::ends);
  serve::Studio studio(given.options);
  const std::string url = cat("http://127.0.0.1:", studio.port(), "/?token=", studio.token());
  if (given.common.json) {
    print_json(
        {{"url", url}, {"port", studio.port()}, {"token", studio.token()}, {"project", given.project}});
  } else if (!given.common.quiet) {
    std::cout << "project " << shown(given.project) << "\n"
              << "open this page in a browser on this computer; end with Ctrl-C:\n"
              << url << "\n";
  }
  std::cout << std::flush;
  while (!interrupted()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return 0;
}

}  // namespace

void add_studio(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("studio", "Make a classifier in the browser, on this computer");
  auto given = std::make_shared<StudioArguments>();
  command
      ->add_option("PROJECT", given->project,
                   "a folder with one sub-folder of photos per class; made where it is missing")
      ->capture_default_str();
  auto* nested = command->add_flag("--nested", given->options.nested,
                                   "each folder with photos in it is a class, at any depth, such as "
                                   "animal/dog, as graft train --nested has it; kept in the project, and the "
                                   "page can change it");
  command
      ->add_flag(
          "--multi-label", given->options.multi_label,
          "a photo may have several labels, which stand in PROJECT/labels.csv; kept in the project, and "
          "the page can change it")
      ->excludes(nested);
  command->add_option("--port", given->options.port, "the port; 0: any free one")
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--max-photo", given->photo_mb, "MiB of a photo that is added, at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024))
      ->type_name("MIB");
  add_threads_option(*command, given->common.execution);
  add_output_options(*command, given->common);
  command->footer(
      "The page makes classes, takes photos by dropping files or folders or from the camera, shows what the "
      "inspection found, trains, tries the model, shows its mistakes and where it looked, moves wrongly "
      "labelled "
      "photos with one key, and trains again. Only this computer reaches it, with the token in the "
      "address.\n\n"
      "A project is an ordinary folder of photos. Each training writes a result folder beside it, "
      "PROJECT-graft, "
      "PROJECT-graft-2, ..., as graft train does; commands can be used on both at any time. Photos that are "
      "removed "
      "go to PROJECT/.graft-studio/removed.\n\n"
      "Examples:\n"
      "  graft studio flowers\n"
      "  graft train flowers --recipe head      the same as its button Train\n"
      "  graft predict flowers-graft new.jpg");
  command->callback([given, &run] { run = [given] { return run_studio(*given); }; });
}

}  // namespace graft::cli
