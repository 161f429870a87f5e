// SPDX-License-Identifier: Apache-2.0
// The recipe once more on other parts of the photos: how much of its accuracy is chance?
#pragma once

#include <filesystem>
#include <functional>

#include "transfer/features/photo_pool.hpp"

namespace graft::transfer {

/// Trains and scores once, from a seeded start; gives the test accuracy and the confusion in the result.
using RunOnce =
    std::function<TrainResult(const Photos& photos, const TrainOptions& options, Reporter& reporter)>;

/// With honest.folds trains on each fold's rest and tests on the fold; with honest.seeds trains with each of
/// the seeds that follow. Writes what came out to result.facts ("folds", "seeds") and result.notes.
/// The first seed is the run that result holds already.
void repeat_runs(TrainResult& result, const PhotoPool& pool, const TrainOptions& options, const RunOnce& run);

}  // namespace graft::transfer
