// SPDX-License-Identifier: Apache-2.0
// report.json of a run whose model estimates numbers.
#pragma once

#include "report/report_json.hpp"

namespace graft {
inline namespace report {

/// make_report() of such a run: it has "numbers", and no classes or sets.
[[nodiscard]] ReportData make_number_report(const RunFiles& run, const ReportOptions& options);

}  // namespace report
}  // namespace graft
