// SPDX-License-Identifier: Apache-2.0
// report.json of a run or an evaluation whose model gives a photo several labels.
#pragma once

#include "report/report_json.hpp"

namespace graft {
inline namespace report {

/// make_report() of such a run: it has "labels", and no sets.
[[nodiscard]] ReportData make_label_report(const RunFiles& run, const ReportOptions& options);

}  // namespace report
}  // namespace graft
