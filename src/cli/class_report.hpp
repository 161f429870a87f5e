// SPDX-License-Identifier: Apache-2.0
// A confusion class by class: accuracy alone says little where classes are uneven.
#pragma once

#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/evaluation.hpp"

#include "cli/output.hpp"

namespace graft::cli {

/// Recall of the classes, the lowest first, and what always answering with the most frequent class reaches;
/// a line. Empty where all classes have about the same number of photos.
[[nodiscard]] std::string class_report(const Confusion& confusion, const std::vector<std::string>& names);

/// "level 1 (animal, plant): 98.1 % (95 % interval ...)", a line for each level of names such as animal/dog.
[[nodiscard]] std::vector<std::string> level_report(const Confusion& confusion,
                                                    const std::vector<std::string>& names);

/// {"classes": [{"name", "photos", "recall", "precision"}], "balanced_accuracy", "most_frequent_class",
/// "most_frequent_class_accuracy"}
[[nodiscard]] Json class_json(const Confusion& confusion, const std::vector<std::string>& names);

/// Figures of several labels as lines: all together, then level by level, then label by label, the lowest
/// average precision first.
[[nodiscard]] std::string several_report(const classify::SeveralLabelsFigures& figures,
                                         const std::vector<classify::SeveralLevelFigures>& levels,
                                         const std::vector<std::string>& names,
                                         const std::vector<double>& thresholds);

}  // namespace graft::cli
