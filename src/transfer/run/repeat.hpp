// SPDX-License-Identifier: Apache-2.0
// Repeats the recipe on other parts of the photos: how much of its accuracy is chance?
#pragma once

#include <filesystem>
#include <functional>

#include "transfer/context/reporter.hpp"
#include "transfer/load/photo_pool.hpp"
#include "transfer/load/photos.hpp"

namespace graft::inline transfer {

/// Trains and scores once, from a seeded start; the result has the test accuracy and the confusion.
using RunOnce =
    std::function<TrainResult(const Photos& photos, const TrainOptions& options, Reporter& reporter)>;

/// With evaluation.folds trains on each fold's rest and tests on the fold; with evaluation.seeds trains with
/// each of the seeds that follow. Writes the figures to result.facts ("folds", "seeds") and result.notes. The
/// first seed is the run that result already holds.
void repeat_runs(TrainResult& result, const PhotoPool& pool, const TrainOptions& options, const RunOnce& run);

}  // namespace graft::inline transfer
