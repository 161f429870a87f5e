// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// TrainOptions::model that stands for a choice by measuring.
inline constexpr const char* kAutomaticModel = "auto";

/// The networks that TrainOptions::model names: one, or two with + between.
struct NetworkNames {
  std::string first;
  std::string second;  ///< empty: one only
};
[[nodiscard]] inline NetworkNames networks_of(const TrainOptions& options) {
  const std::size_t plus = options.model.find('+');
  if (plus == std::string::npos) return {.first = options.model, .second = {}};
  return {.first = options.model.substr(0, plus), .second = options.model.substr(plus + 1)};
}

/// The same options for the one or the other network alone.
[[nodiscard]] inline TrainOptions with_model(TrainOptions options, const std::string& model) {
  options.model = model;
  return options;
}

}  // namespace transfer
}  // namespace graft
