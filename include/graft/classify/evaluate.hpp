// SPDX-License-Identifier: Apache-2.0
// How well a classifier does on photos sorted into class folders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/statistics.hpp"
#include "graft/classify/classifier.hpp"
#include "graft/data/photo_list.hpp"

#pragma GCC visibility push(default)

namespace graft::classify {

/// The figures of a classifier on labelled photos.
struct Evaluation {
  std::size_t photos = 0;
  std::size_t right = 0;         ///< photos whose most probable class is theirs
  double accuracy = 0;           ///< fraction of 1
  Interval interval;             ///< of the accuracy, 95 %
  double loss = 0;               ///< mean cross-entropy, probabilities bounded as in Keras
  double calibration_error = 0;  ///< expected_calibration_error() of the probabilities
  std::vector<std::vector<std::int64_t>> confusion;  ///< [true class][predicted class]
  std::vector<data::LeftOut> left_out;               ///< files that could not be read, or were not used
  std::vector<std::string> notes;                    ///< see data::PhotoSet::notes()
};

/// The classifier's class for each folder name: by its name, else by its id (ImageNet's WordNet id). Throws
/// Error{not_found} naming the folder that matches no class.
[[nodiscard]] std::vector<std::size_t> match_classes(const Classifier& classifier,
                                                     const std::vector<std::string>& folders);

/// Compares probabilities (N, classes) with the true class of each row.
[[nodiscard]] Evaluation evaluate(const Tensor& probabilities, const std::vector<int>& truth);

/// Predicts all photos of a folder with one sub-folder per class and compares. options: views, exif,
/// progress and listing count, top does not. Errors: as data::list_photos, data::load_photos and
/// match_classes; Error{interrupted} when progress returns false.
[[nodiscard]] Evaluation evaluate(const Classifier& classifier, const std::filesystem::path& folder,
                                  const ClassifyOptions& options = {});

}  // namespace graft::classify

#pragma GCC visibility pop
