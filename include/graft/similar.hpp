// SPDX-License-Identifier: Apache-2.0
// Photos in feature space: which are near each other, and a map of them.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "graft/execution.hpp"
#include "graft/photos.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace inspect {

/// Pooled features of photos.
struct PhotoFeatures {
  std::vector<std::filesystem::path> files;  ///< those that could be read
  std::vector<int> labels;                   ///< index into class_names, one a file; empty without classes
  std::vector<std::string> class_names;      ///< empty without classes
  Tensor rows;                               ///< float32 (files, D)
  std::vector<data::LeftOut> left_out;       ///< files that could not be read
};

/// How features are computed.
struct FeatureOptions {
  std::string weights = "imagenet";     ///< of an architecture: as classify::load_pretrained accepts them
  data::Exif exif = data::Exif::apply;  ///< how photos are turned
  Execution execution{};                ///< threads and precision
  /// Photos done and in all. Return false to stop: Error{interrupted}.
  std::function<bool(std::size_t done, std::size_t total)> progress{};
};

/// Features of a list's photos, before the classifier of a network: a name of applications::catalogue() or a
/// model file. Errors: as classify::load_pretrained and Classifier::open.
[[nodiscard]] PhotoFeatures compute_features(const std::string& model, const data::PhotoList& photos,
                                             const FeatureOptions& options = {});

/// A photo and how far it is.
struct SimilarPhoto {
  std::size_t photo = 0;  ///< index into PhotoFeatures::files
  double distance = 0;    ///< cosine distance of the features, 0 (alike) to 2
};
/// The photos nearest to each query (rows (n, D) of the same network), nearest first, equal ones by number.
/// Errors: Error{shape_mismatch}.
[[nodiscard]] std::vector<std::vector<SimilarPhoto>> most_similar(const PhotoFeatures& photos,
                                                                  const Tensor& queries, std::size_t count);

/// A map of features.
struct FeaturePlane {
  std::vector<std::array<double, 2>> points;  ///< (x, y), one a row
  std::array<double, 2> explained{};          ///< share of the variance along x and along y, 0..1
};
/// The two principal components of rows (N, D), each row first divided by its length: the directions of
/// largest variance, by orthogonal iteration in double, the same on every run. The sign of each is such that
/// its coordinate of largest magnitude is positive. Errors: Error{shape_mismatch} for other than rows.
[[nodiscard]] FeaturePlane principal_plane(const Tensor& rows);

}  // namespace inspect
}  // namespace graft

#pragma GCC visibility pop
