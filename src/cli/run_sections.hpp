// SPDX-License-Identifier: Apache-2.0
// What graft train adds to the report of a run: findings about its photos, and where the network looked.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/inspect.hpp"
#include "graft/report.hpp"
#include "graft/train.hpp"

namespace graft::cli {

/// Most heat maps in a report.
inline constexpr std::size_t kMostHeatMaps = 12;

/// The findings of an inspection as the report has them.
[[nodiscard]] std::vector<report::Finding> findings_of(const Inspection& inspection);

/// "photos to look at: 3 labels that may be wrong, 2 duplicates"; empty without findings.
[[nodiscard]] std::string findings_text(const std::vector<report::Finding>& findings);

/// Photos whose answers are explained: the mistakes that the model was surest of among the photos that it
/// answered without having been trained on them, then the least certain ones; of numbers the largest errors
/// of the first one. Rows of the answers. thresholds: of several labels a photo; empty: there is one.
[[nodiscard]] std::vector<std::size_t> rows_to_explain(const PhotoAnswers& answers, std::size_t most,
                                                       const std::vector<double>& thresholds);

/// Inspects the photos of a run, writes folder/inspection, and explains some answers of folder/model.keras.
/// What goes wrong is said on standard error and left out; nothing is done for a run that was stopped.
[[nodiscard]] report::ReportSections run_sections(const transfer::TrainResult& result,
                                                  const transfer::TrainOptions& options,
                                                  const std::filesystem::path& folder, bool quiet);

}  // namespace graft::cli
