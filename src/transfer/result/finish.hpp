// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"

namespace graft::inline transfer {

/// The end of every run: scores the test photos and fills the metadata and the record of rounds.
void finish_training(TrainResult& result, const Photos& photos, const std::filesystem::path& folder,
                     const TrainOptions& options, Reporter& reporter);

}  // namespace graft::inline transfer
