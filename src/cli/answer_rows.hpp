// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/classifier.hpp"

namespace graft::cli {

/// The first line of the table of a classifier's answers.
[[nodiscard]] std::string csv_head(const Classifier& classifier);
/// A line of that table, for a photo with an answer. several: the model gives a photo several labels.
[[nodiscard]] std::string csv_line(const PhotoPrediction& answer, bool several);

/// Why the answer is not the most probable class, and what else the photo may be; empty: neither.
[[nodiscard]] std::string reason_of(const Decision& decision);
/// Why there is no answer, without the photo's name in front.
[[nodiscard]] std::string reason_of_failure(const PhotoPrediction& answer);

}  // namespace graft::cli
