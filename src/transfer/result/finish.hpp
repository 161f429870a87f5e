// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/train.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/measure/score.hpp"
#include "transfer/result/trained.hpp"

namespace graft {
inline namespace transfer {

/// What a result is made of.
struct ResultParts {
  const Photos& photos;
  const TrainOptions& options;
  const std::filesystem::path& folder;  ///< of the photos
  Size2D image_size;
};

/// The document graft.json for the model that a recipe made.
[[nodiscard]] Json model_metadata(const ResultParts& parts, const Trained& trained);

/// What was measured of the trained model.
struct Measured {
  TestScore test;
  PhotoAnswers answers;
};

/// The last stage of every run: puts together what the recipe made, what was measured of it, the
/// metadata of the model file and the record of rounds. The time is not set yet.
[[nodiscard]] TrainResult make_result(const ResultParts& parts, Trained trained, Measured measured,
                                      const Reporter& reporter);

}  // namespace transfer
}  // namespace graft
