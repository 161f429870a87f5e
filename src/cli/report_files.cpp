// SPDX-License-Identifier: Apache-2.0
#include "cli/report_files.hpp"

#include <iostream>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "cli/command_line.hpp"
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

Json report_json(const report::WrittenReport& written) {
  return {{"html", written.html.string()}, {"json", written.json.string()},
          {"card", written.card.string()}, {"photos_shown", written.photos_shown},
          {"photos", written.photos},      {"photos_missing", written.photos_missing}};
}

}  // namespace graft::cli
