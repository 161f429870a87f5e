// SPDX-License-Identifier: Apache-2.0
// An answer for a photo as the program and the server write it.
#pragma once

#include <cstddef>
#include <limits>

#include "graft/base/json.hpp"
#include "graft/classifier.hpp"

namespace graft {
inline namespace classify {

/// Of one class: "answer", "unknown", "predictions", "distance", ...; of a classifier of several labels
/// "labels", those that are given, and "predictions"; of numbers "numbers". All have "unknown". several: the
/// classifier's has_several_labels(). top: the predictions that are written.
[[nodiscard]] Json answer_json(const PhotoPrediction& answer, bool several,
                               std::size_t top = std::numeric_limits<std::size_t>::max());

}  // namespace classify
}  // namespace graft
