// SPDX-License-Identifier: Apache-2.0
// The photos of a round: the new ones, the rehearsed ones, and the test photos of earlier rounds.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/classify/round_record.hpp"
#include "graft/photos.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

struct RoundRequest {
  const std::filesystem::path& folder;
  const TrainOptions& options;
  const std::vector<RoundRecord>& earlier;
  data::LoadPhotosOptions load;      ///< as the model wants its photos
  std::vector<std::string> classes;  ///< of the model so far: they keep their places
  data::LabelMode label_mode = data::LabelMode::integer;
};

/// What is left of an earlier round's test photos; nothing where all are gone.
struct EarlierTest {
  std::optional<data::Dataset> photos;
  std::size_t missing = 0;
};

struct RoundPhotos {
  Photos photos;  ///< train and validation with the rehearsed ones; class names: the model's, then new ones
  std::vector<EarlierTest> earlier;        ///< one a round
  std::size_t rehearsed = 0;               ///< photos of train and validation
  std::vector<Novelty> train, validation;  ///< of each photo, in the order of the data sets
  /// Of the photos that earlier rounds trained on or chose by, the part that is in train or validation, 0..1.
  double covered = 0;
};

/// Errors: as data::list_photos and load_photos; Error{invalid_argument} where too few photos are left for a
/// part, where training would see only one class, or none of the model's classes and nothing is rehearsed;
/// Error{not_found} where photos are to be rehearsed and none is there.
[[nodiscard]] RoundPhotos load_round(const RoundRequest& request, Reporter& reporter);

}  // namespace transfer
}  // namespace graft
