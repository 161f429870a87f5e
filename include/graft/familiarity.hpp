// SPDX-License-Identifier: Apache-2.0
// How near photos are to those that a model was trained on: which photos it does not know, and drift.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/evaluation.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace classify {

/// The zip entry of a model.keras that holds TrainingFeatures.
inline constexpr const char* kTrainingFeaturesEntry = "graft_features.bin";
/// Most training photos whose features are kept.
inline constexpr std::size_t kMostTrainingRows = 600;
/// Nearest training photos whose mean distance is a photo's distance.
inline constexpr std::size_t kTrainingNeighbours = 5;
/// With fewer photos that the network was not trained on there is no limit.
inline constexpr std::size_t kFewestHeldOut = 20;

/// Features of training photos, kept in the model file, and how far from them photos of the same kind are.
struct TrainingFeatures {
  Tensor rows;              ///< float32 (n, D), each of length 1, rounded to 8 bits
  double limit = 0;         ///< a photo that is farther is unlike the training photos
  double false_alarms = 0;  ///< share of new photos of the same kind that are farther, at most: 0.01 or 0.05
  std::vector<double> held_out;  ///< distances of photos that the network was not trained on, ascending
};

/// Chooses the limit by conformal prediction (Vovk, Gammerman and Shafer 2005): of m held-out photos the
/// distance number ceil((m + 1)(1 - a)), a = 0.01 from 100 photos on, else 0.05.
///   train     features float32 (n, D) of training photos; more than kMostTrainingRows are thinned out evenly
///   held_out  features float32 (m, D) of photos that the network was not trained on
/// Errors: Error{invalid_argument} for fewer than kFewestHeldOut or no training photos;
/// Error{shape_mismatch}.
[[nodiscard]] TrainingFeatures make_training_features(const Tensor& train, const Tensor& held_out);

/// Mean cosine distance of each row of features (n, D) to its nearest training photos: 0 (the same) to 2.
/// Errors: Error{shape_mismatch} for another D.
[[nodiscard]] std::vector<double> training_distances(const TrainingFeatures& known, const Tensor& features);

/// For the model file: a line of JSON, then the rows as signed bytes.
[[nodiscard]] std::string to_bytes(const TrainingFeatures& known);
/// The reverse. Throws Error{bad_file} naming the file.
[[nodiscard]] TrainingFeatures training_features_from_bytes(std::string_view bytes,
                                                            const std::filesystem::path& file);

/// New photos compared with the training photos.
struct Drift {
  std::size_t photos = 0;     ///< number of new photos
  std::size_t unlike = 0;     ///< of them, farther than the limit
  double share = 0;           ///< unlike / photos
  Interval interval;          ///< of the share, 95 %
  double expected = 0;        ///< share for photos like the training photos: TrainingFeatures::false_alarms
  double distance = 0;        ///< median of the new photos
  double usual_distance = 0;  ///< median of the held-out photos
  double p_value = 1;    ///< two-sample Kolmogorov-Smirnov test that both distances have one distribution
  bool drifted = false;  ///< p_value below 0.01 and the new photos farther: the model may not fit them
};
/// Fewest photos to compare.
inline constexpr std::size_t kFewestForDrift = 10;
/// distances: training_distances() of at least kFewestForDrift photos. Throws Error{invalid_argument}.
[[nodiscard]] Drift find_drift(const TrainingFeatures& known, std::span<const double> distances);

}  // namespace classify
}  // namespace graft

#pragma GCC visibility pop
