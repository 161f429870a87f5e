// SPDX-License-Identifier: Apache-2.0
// Repeats the recipe on other parts of the photos: how much of its accuracy is chance?
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "transfer/context/reporter.hpp"
#include "transfer/load/photo_pool.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// Trains and scores once, from a seeded start; the result has the test accuracy and the confusion.
using RunOnce =
    std::function<TrainResult(const Photos& photos, const TrainOptions& options, Reporter& reporter)>;

/// The figures of repeated runs.
struct RepeatedResults {
  std::optional<FoldedRuns> folds{};
  std::optional<RepeatedRuns> seeds{};
  std::vector<std::string> notes{};
  bool stopped = false;  ///< a stop was requested
};

/// With evaluation.folds trains on each fold's rest and tests on the fold; with evaluation.seeds trains with
/// each of the seeds that follow. first: the run with the first seed.
[[nodiscard]] RepeatedResults repeat_runs(const TrainResult& first, const PhotoPool& pool,
                                          const TrainOptions& options, const RunOnce& run);

}  // namespace transfer
}  // namespace graft
