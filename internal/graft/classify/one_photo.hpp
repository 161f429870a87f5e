// SPDX-License-Identifier: Apache-2.0
// One photo: its pixels as a classifier receives them, and all that its answer says.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "graft/classifier.hpp"

namespace graft {
inline namespace classify {

/// How photos are decoded and resized: as the classifier does it, but for what the options set.
[[nodiscard]] data::LoadPhotosOptions load_options_for(const Classifier& classifier,
                                                       const ClassifyOptions& options);

/// A photo as a batch of one, (1, H, W, C) of the classifier's image size.
struct OnePhoto {
  Tensor batch;
  std::string note{};  ///< what a person should know of the photo, see PhotoPrediction::note
};

/// The pixels of a photo as Classifier::predict has them, from a file, a file's bytes, or pixels in the
/// caller's memory. Errors: those of Classifier::predict for the photo.
[[nodiscard]] OnePhoto read_one(const Classifier& classifier, const std::filesystem::path& path,
                                const ClassifyOptions& options);
[[nodiscard]] OnePhoto read_one(const Classifier& classifier, PhotoBytes bytes,
                                const ClassifyOptions& options);
[[nodiscard]] OnePhoto read_one(const Classifier& classifier, const PixelView& pixels,
                                const ClassifyOptions& options);

/// Classifier::answers, with the probabilities averaged over options.views.
[[nodiscard]] BatchAnswers answers_with_views(const Classifier& classifier, const Tensor& batch,
                                              const ClassifyOptions& options);

/// Fills in what follows from a photo's probabilities and its distance to the training photos (unset: none):
/// predictions, labels, decision, distance. Errors: those of Classifier::best and Classifier::decide.
void complete_answer(PhotoPrediction& answer, const Classifier& classifier, std::span<const float> row,
                     std::optional<double> distance, const ClassifyOptions& options);

/// Throws Error{invalid_argument} for options.top and options.views out of range, and, as Classifier::decide,
/// for options.reject and options.reject_below.
void check_options(const Classifier& classifier, const ClassifyOptions& options);

}  // namespace classify
}  // namespace graft
