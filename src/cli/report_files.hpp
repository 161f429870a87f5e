// SPDX-License-Identifier: Apache-2.0
// Reports as the commands write them.
#pragma once

#include <filesystem>

#include "graft/base/json.hpp"
#include "graft/report.hpp"

#include "cli/command.hpp"

namespace graft::cli {

/// --no-report of the commands that write one by default.
void add_no_report_option(CLI::App& command, bool& no_report);

/// The options of a report that this command line makes, with its progress on standard error.
[[nodiscard]] report::ReportOptions report_options(bool quiet);

/// write_report() of a finished run. What goes wrong is said on standard error and does not touch the run:
/// false then.
[[nodiscard]] bool try_report(const std::filesystem::path& run, bool quiet, report::ReportSections sections = {});

/// {"html", "json", "card", "photos_shown", "photos", "photos_missing"}
[[nodiscard]] Json report_json(const report::WrittenReport& written);

}  // namespace graft::cli
