// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/classifier.hpp"

namespace graft::cli {

/// A folder with a sub-folder for each class, with a link to each photo of it. Photos in archives are
/// written there as files. Nothing that is there is changed: a photo whose name is taken gets some digits
/// more. The same photo again changes nothing.
class PhotoSorter {
 public:
  /// Photos without a class (rejected), and those that cannot be read.
  static constexpr const char* kDoubtful = "_doubtful";
  static constexpr const char* kBroken = "_broken";
  /// With several labels a photo: those with none.
  static constexpr const char* kNoLabel = "_no_label";

  /// Makes the folder. images: what is sorted; Error{invalid_argument} where the folder is within one of
  /// them, for the links would be photos of the next run.
  PhotoSorter(std::filesystem::path folder, const Classifier& classifier,
              const std::vector<std::string>& images);
  /// Errors: Error{io} naming the link.
  void add(const PhotoPrediction& answer);

 private:
  void put(const PhotoPrediction& answer, const std::string& name);

  std::filesystem::path folder_;
  std::vector<std::string> names_;  ///< of the classes' folders
  bool several_ = false;
};

}  // namespace graft::cli
