// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "graft/model.hpp"
#include "graft/photos.hpp"
#include "graft/plan/runner.hpp"

#include "cli/photo_names.hpp"

namespace graft::cli {

/// Photos whose features are wanted, and their labels.
struct FeaturePhotos {
  NamedPhotos photos;
  std::vector<int> labels;  ///< index into class_names, one a photo; empty without labels
  std::vector<std::string> class_names;

  /// Its class's name; empty without labels.
  [[nodiscard]] std::string label_of(std::size_t photo) const;
};
/// As find_photos(). Labels are those of listing.labels; else, where IMAGE is one folder with nothing but
/// sub-folders that are not train/, val/ and test/, they are the classes.
[[nodiscard]] FeaturePhotos find_feature_photos(const std::vector<std::string>& images,
                                                const std::string& list, const data::ListOptions& listing);

/// Features of a few photos.
struct FeatureRows {
  struct Failure {
    std::size_t photo;  ///< position in what was computed
    std::string reason;
  };
  Tensor features;                  ///< float32 (N, ...); empty where no photo can be read
  std::vector<std::size_t> photos;  ///< position of each row's photo
  std::vector<Failure> failures;
};

/// From files to the output of a model. Memory does not grow with what was computed.
class FeatureComputer {
 public:
  FeatureComputer(const Model& model, data::LoadPhotosOptions load, plan::RunnerOptions options);

  [[nodiscard]] FeatureRows compute(std::span<const std::filesystem::path> photos);
  /// Of one photo. Computes a black one where none has been computed.
  [[nodiscard]] Shape row_shape();
  /// "3 photos: nearly black, such as a/1.tif"
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  data::LoadPhotosOptions load_;
  plan::Runner runner_;
  std::map<std::string, std::pair<std::size_t, std::string>> kinds_;  ///< notes: how many, the first
};

}  // namespace graft::cli
