// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#pragma GCC visibility push(default)

namespace graft::data {

/// An unused file and the reason: "not an image", "truncated JPEG: ...".
struct LeftOut {
  std::filesystem::path path;
  std::string reason;
};

/// Files to be read as photos, not yet decoded.
struct PhotoList {
  std::vector<std::filesystem::path> paths;
  std::vector<int> labels;               ///< index into class_names, one per path; empty without labels
  std::vector<std::string> class_names;  ///< empty without labels
  std::vector<LeftOut> left_out;         ///< in file order
};

struct ListOptions {
  /// true: each sub-folder is a class. false: all files below the folder, without labels.
  bool infer_labels = true;
  /// Sub-folders to use, in this order; empty: all of them, sorted.
  std::vector<std::string> class_names;
  /// Follow symbolic links to folders below a class (loops are noticed).
  bool follow_links = false;
};

/// Lists the photos below a folder in Keras's order: classes sorted by name (bytes, as code points), in each
/// the folders sorted by path and in each the files sorted by name. A file is a candidate when its first
/// bytes are those of a known image format or its name ends in one of Keras's (.bmp .gif .jpeg .jpg .png);
/// other files are left_out. Hidden files and folders (leading dot) are skipped silently. Errors:
/// Error{not_found} for the folder or a named class; Error{invalid_argument} when there is no class
/// folder; Error{bad_file} naming a class without a candidate.
[[nodiscard]] PhotoList list_photos(const std::filesystem::path& directory, const ListOptions& options = {});

/// The order in which numpy.random.RandomState(seed).shuffle puts 0..count-1; seed is below 2^32.
[[nodiscard]] std::vector<std::size_t> numpy_permutation(std::size_t count, std::uint32_t seed);

/// graft's own split: positions 0..labels.size()-1 distributed over fractions.size() parts, class by class in
/// a random order that depends only on seed, so that each part has each class in its fraction (largest
/// remainders), and at least one sample of each class that has as many samples as there are parts with a
/// fraction. Each part is sorted. fractions: each >= 0, sum 1 (to 1e-6). Errors: Error{invalid_argument}.
[[nodiscard]] std::vector<std::vector<std::size_t>> stratified_split(std::span<const int> labels,
                                                                     std::span<const double> fractions,
                                                                     std::uint64_t seed);

/// Sub-folders whose names are those of parts: train, training; val, validation, valid; test, testing.
/// Case does not matter.
struct Layout {
  std::optional<std::filesystem::path> train;
  std::optional<std::filesystem::path> validation;
  std::optional<std::filesystem::path> test;
  /// The folder holds parts, not classes.
  [[nodiscard]] bool has_parts() const { return train.has_value(); }
};

/// Looks for train/ val/ test/ in a folder. A class may have such a name, so train counts only when it holds
/// folders itself, and when there is another part or nothing else beside it; without train no part is found.
/// Errors: Error{not_found}; Error{invalid_argument} for two folders of one part.
[[nodiscard]] Layout find_layout(const std::filesystem::path& directory);

}  // namespace graft::data

#pragma GCC visibility pop
