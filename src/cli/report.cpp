// SPDX-License-Identifier: Apache-2.0
// graft report RUN
#include "graft/report.hpp"

#include <iostream>
#include <memory>

#include "graft/base/fail.hpp"

#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/report_files.hpp"

namespace graft::cli {
namespace {

struct ReportArguments {
  std::string run;
  std::size_t photos = report::ReportOptions{}.photos;
  std::string plots;
  bool json = false, quiet = false;
};

int write_again(const ReportArguments& given) {
  check_plots(given.plots, false);
  report::ReportOptions options = report_options(given.quiet);
  options.command.clear();  // the page has the command that made the run
  options.photos = given.photos;
  const report::WrittenReport written = report::write_report(given.run, options);
  const int code = try_plots(given.run, given.plots) ? kOk : kSomeFailed;
  if (given.json) {
    print_json(report_json(written));
    return code;
  }
  std::cout << written.html.string() << "  " << written.photos_shown << " of "
            << counted(written.photos, "photo", "photos") << '\n';
  if (written.photos_missing > 0) {
    std::cerr << written.photos_missing
              << " of the photos cannot be read (moved?); the page says so in their place\n";
  }
  return code;
}

}  // namespace

void add_report(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("report", "Write the report of a result folder again, from its files");
  auto given = std::make_shared<ReportArguments>();
  command->add_option("RUN", given->run, "the result folder of graft train or graft evaluate")->required();
  command
      ->add_option("--photos", given->photos,
                   "most photos in the page: about 8 kB each; the surest mistakes and the least certain "
                   "answers come first")
      ->capture_default_str()
      ->check(CLI::Range(0, 5000))
      ->type_name("N");
  add_plots_option(*command, given->plots);
  command->add_flag("--json", given->json, "print the names of the files as JSON");
  command->add_flag("--quiet", given->quiet, "no progress");
  command->footer(
      "Writes report.html, which opens in a browser without a network, report.json, which has the same as "
      "data, and model_card.md in place of earlier ones. graft train and graft evaluate do this by "
      "themselves.\n\n"
      "Examples:\n"
      "  graft report flowers-graft\n"
      "  graft report flowers-graft --photos 1000\n"
      "  graft report flowers-graft --plots figures");
  command->callback([given, &run] { run = [given] { return write_again(*given); }; });
}

}  // namespace graft::cli
