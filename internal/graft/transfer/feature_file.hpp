// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace transfer {

/// What a layer makes of photos, and where they come from.
struct FeatureTable {
  Tensor features;                       ///< float32 (N, ...)
  std::vector<std::string> files;        ///< one a row
  std::vector<int> labels;               ///< index into class_names, one a row; empty without labels
  std::vector<std::string> class_names;  ///< empty without labels
};

/// Writes features for other programs, whole or not at all, in the format of the name's ending:
///   .npy            only the features, in their own shape
///   .npz            numpy arrays features, files and, with labels, labels and class_names
///   .csv            a head line, then path, label (the class's name, or nothing) and f0, f1, ... for each
///   row .svm, .libsvm   svmlight's format: the class's index (0 without labels), then index:value of what is
///   not
///                   0, counted from 1; the last value always
/// In .csv and .svm a row's features are in C order. Errors: Error{invalid_argument} for another ending;
/// Error{shape_mismatch} for a table whose parts have different lengths; Error{io}.
void write_features(const std::filesystem::path& path, const FeatureTable& table);

/// Throws write_features' error for the ending, before the features are computed.
void check_feature_file(const std::filesystem::path& path);

}  // namespace transfer
}  // namespace graft
