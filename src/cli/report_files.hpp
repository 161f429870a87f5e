// SPDX-License-Identifier: Apache-2.0
// Reports as the commands write them.
#pragma once

#include <filesystem>

#include "graft/base/json.hpp"
#include "graft/report.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// Adds --plots.
void add_plots_option(CLI::App& command, std::string& plots);
/// Checks, before the work for it is done, that figures can be written to this folder.
/// Error{invalid_argument} with no_report: figures are drawn from the report.
void check_plots(const std::string& plots, bool no_report);
/// Writes the figures of a result folder; nothing where `plots` is empty. What goes wrong is said on standard
/// error: false then.
bool try_plots(const std::filesystem::path& run, const std::string& plots);

/// --no-report of the commands that write one by default.
void add_no_report_option(CLI::App& command, bool& no_report);

/// The options of a report that this command line makes, with its progress on standard error.
[[nodiscard]] report::ReportOptions report_options(bool quiet);

/// write_report() of a finished run. What goes wrong is said on standard error and does not touch the run:
/// false then.
[[nodiscard]] bool try_report(const std::filesystem::path& run, bool quiet,
                              report::ReportSections sections = {});

/// {"html", "json", "card", "photos_shown", "photos", "photos_missing"}
[[nodiscard]] Json report_json(const report::WrittenReport& written);

}  // namespace graft::cli
