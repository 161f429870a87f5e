// SPDX-License-Identifier: Apache-2.0
// What is behind the opaque types of graft.h.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "graft/classifier.hpp"
#include "graft/graft.h"
#include "graft/train.hpp"

// NOLINTBEGIN(readability-identifier-naming): names of C

struct graft_classifier {
  graft::Classifier classifier;
};

/// Keeps the classifier, whose names it shows.
struct graft_answer {
  graft::Classifier classifier;
  std::vector<float> probabilities{};
  graft::PhotoPrediction photo{};   ///< with all classes, most probable first
  std::vector<const char*> also{};  ///< of photo.decision
};

struct graft_features {
  std::vector<float> values{};
};

struct graft_training {
  graft::TrainResult result;
};

// NOLINTEND(readability-identifier-naming)

namespace graft::c_api {

/// The setting of a computation. Errors: Error{invalid_argument}.
[[nodiscard]] Execution execution_of(std::int64_t threads, const char* precision);
/// The options of graft.h as those of C++. Errors: Error{invalid_argument}.
[[nodiscard]] ClassifierOptions open_options(const graft_open_options& given);
/// Throws Error{invalid_argument} where int8 is wanted of a classifier without ranges.
void check_precision(const Classifier& classifier, const Execution& execution);

/// A text of a list; null beyond its end.
[[nodiscard]] inline const char* text_at(const std::vector<std::string>& list, std::size_t index) {
  return index < list.size() ? list[index].c_str() : nullptr;
}

}  // namespace graft::c_api
