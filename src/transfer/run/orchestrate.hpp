// SPDX-License-Identifier: Apache-2.0
// One training run, of a first round or a later one: the same stages in the same order.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "transfer/result/trained.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// What differs between runs.
struct RunSteps {
  std::function<Trained(const RunContext&)> train;
  /// Scores on the test photos of all rounds, once the result is complete otherwise; may be empty.
  std::function<std::vector<RoundScore>(const RunContext&, const TrainResult&)> compare{};
};

struct RunPlace {
  const std::filesystem::path& folder;  ///< of the photos
  Size2D image_size;
};

/// Describes the photos, trains, calibrates where that is wanted, measures on the test photos and compares.
[[nodiscard]] TrainResult run_stages(const Photos& photos, const TrainOptions& options, const RunPlace& place,
                                     Reporter& reporter, const RunSteps& steps);

}  // namespace transfer
}  // namespace graft
