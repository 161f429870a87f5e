// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/state/run_state.hpp"

namespace graft::inline transfer {

/// What a recipe reads and writes. All must outlive the recipe.
struct RecipeRun {
  TrainResult& result;
  const Photos& photos;
  const TrainOptions& options;
  Reporter& reporter;
  RunState& state;
  void note(const std::string& line) const { keep_note(result, reporter, line); }
};

}  // namespace graft::inline transfer
