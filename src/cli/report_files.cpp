// SPDX-License-Identifier: Apache-2.0
#include "cli/report_files.hpp"

#include <iostream>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "cli/augmented_photos.hpp"
#include "cli/command_line.hpp"
#include "cli/out_folder.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"

namespace graft::cli {

void add_no_report_option(CLI::App& command, bool& no_report) {
  command.add_flag("--no-report", no_report, "do not write report.html, report.json and model_card.md");
}

report::ReportOptions report_options(bool quiet) {
  report::ReportOptions options;
  options.command = command_line();
  auto display = std::make_shared<ProgressDisplay>(ProgressDisplay::style_for(quiet));
  options.progress = [display](std::size_t done, std::size_t total) {
    display->show({.stage = "report", .done = done, .total = total, .unit = "photos", .line = {}});
    if (done == total) display->clear_bar();
    return true;
  };
  return options;
}

bool try_report(const std::filesystem::path& run, bool quiet, report::ReportSections sections) {
  try {
    report::ReportOptions options = report_options(quiet);
    options.sections = std::move(sections);
    static_cast<void>(report::write_report(run, options));
    return true;
  } catch (const Error& error) {
    std::cerr << "graft: the report was not written: " << shown(error.what())
              << "\n  Try again with: graft report " << quoted(run.string()) << '\n';
    return false;
  }
}

void add_plots_option(CLI::App& command, std::string& plots) {
  command
      .add_option("--plots", plots,
                  "also write every figure as SVG and PNG to this folder, for documents and slides")
      ->type_name("DIR");
}

void check_plots(const std::string& plots, bool no_report) {
  if (plots.empty()) return;
  if (no_report)
    fail(ErrorKind::invalid_argument,
         "--plots: not possible with --no-report, as figures are drawn from the ",
         "report; leave one of them out");
  check_out_folder(plots);
  check_writable(plots);
}

bool try_plots(const std::filesystem::path& run, const std::string& plots) {
  constexpr std::size_t kAugmentations = 9;
  if (plots.empty()) return true;
  try {
    static_cast<void>(
        report::write_plots(run, plots, {.augmented = augmentations_of_run(run, kAugmentations)}));
    return true;
  } catch (const Error& error) {
    std::cerr << "graft: the figures were not all written: " << shown(error.what()) << '\n';
    return false;
  }
}

Json report_json(const report::WrittenReport& written) {
  return {{"html", written.html.string()}, {"json", written.json.string()},
          {"card", written.card.string()}, {"photos_shown", written.photos_shown},
          {"photos", written.photos},      {"photos_missing", written.photos_missing}};
}

}  // namespace graft::cli
