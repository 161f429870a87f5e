// SPDX-License-Identifier: Apache-2.0
// Repeats the recipe on other parts of the photos: how much of its accuracy is chance?
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// How the photos of a run are divided for others of it.
struct RepeatedParts {
  /// All photos, by the seed of the options.
  std::function<Photos(const TrainOptions& options)> split{};
  /// The photos held out in each fold.
  std::function<std::vector<std::vector<std::size_t>>()> folds{};
  /// The parts for one fold: it is the test part.
  std::function<Photos(const TrainOptions& options, const std::vector<std::size_t>& fold)> of_fold{};
};

/// Trains and scores once, from a seeded start; the result has the test accuracy.
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
[[nodiscard]] RepeatedResults repeat_runs(const TrainResult& first, const RepeatedParts& parts,
                                          const TrainOptions& options, const RunOnce& run);

/// Repeats a run where that is wanted, and adds to it what came out.
void add_repeated(TrainResult& first, const RepeatedParts& parts, const TrainOptions& options,
                  const RunOnce& run);

}  // namespace transfer
}  // namespace graft
