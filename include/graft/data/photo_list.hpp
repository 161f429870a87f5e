// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#pragma GCC visibility push(default)

namespace graft::data {

/// An unused file or folder and the reason: "not an image", "truncated JPEG: ...".
struct LeftOut {
  std::filesystem::path path;
  std::string reason;
  /// A photo, or a folder with possible photos, that could not be read. False: it could, but is not used (not
  /// a picture, in no class folder, below a link).
  bool unreadable = false;
};

/// Files to be read as photos, not yet decoded.
struct PhotoList {
  std::vector<std::filesystem::path> paths;
  std::vector<int> labels;               ///< index into class_names, one per path; empty without labels
  std::vector<std::string> class_names;  ///< empty without labels
  std::vector<LeftOut> left_out;         ///< in file order
  std::vector<std::string> notes{};      ///< what is unusual about the folders, a sentence each
};

struct ListOptions {
  /// true: each sub-folder is a class. false: all files below the folder, without labels.
  bool infer_labels = true;
  /// Sub-folders to use, in this order; empty: all of them, sorted.
  std::vector<std::string> class_names{};
  /// Follow symbolic links to folders below a class (loops are noticed).
  bool follow_links = false;
  /// Files and folders to leave out: shell patterns (* and ?) of a name, or of a path below the folder.
  std::vector<std::string> exclude{};
  /// class_names are those of another folder, which need not all be here: a folder matches a class also in
  /// another case or Unicode form of its name; a class without a folder or photo stays without photos, and
  /// folders of no class are not used. Each such thing gets a note. At least one class must have a photo.
  bool classes_may_be_missing = false;
  /// Called now and then from the calling thread with the number of files seen. Return false to stop:
  /// Error{interrupted}.
  std::function<bool(std::size_t files)> progress{};
};

/// Lists the photos below a folder in Keras's order: classes sorted by name (bytes, as code points), in each
/// the folders sorted by path and in each the files sorted by name. A file is a candidate when its first
/// bytes are those of a known image format or its name ends in one of Keras's (.bmp .gif .jpeg .jpg .png);
/// other files, linked and unreadable folders and, with labels, photos in no class folder are left_out.
/// Hidden files and folders (leading dot) are skipped silently; so are, with a note, helper folders of
/// operating systems (__MACOSX, @eaDir), results of graft (a folder with model.keras) and class folders in
/// which nothing is visible. Errors: Error{not_found} for the folder or a named class;
/// Error{invalid_argument} when there is no class folder, or the name of one is not UTF-8 or looks like
/// another's; Error{bad_file} naming a class without a candidate; Error{io} when a folder cannot be listed to
/// its end.
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

/// Where the photos of each part are. Parts are sub-folders with the names train, training; val, validation,
/// valid; test, testing, also as a word of the name (training_set, seg_train). Case does not matter.
struct Layout {
  std::optional<std::filesystem::path> train;       ///< the folder with the class folders to train on
  std::optional<std::filesystem::path> validation;  ///< the same for validation
  std::optional<std::filesystem::path> test;        ///< the same for the test
  std::filesystem::path root;      ///< the folder that holds the parts or classes: see find_layout()
  std::vector<std::string> notes;  ///< what is unusual about it, a sentence each
  /// The folder holds parts, not classes.
  [[nodiscard]] bool has_parts() const { return train.has_value(); }
};

/// Looks for train/ val/ test/ in a folder. A folder that holds nothing but one folder of folders is passed
/// through, also within a part: photos/photos/train/train/cats. A class may have the name of a part, so train
/// counts only when it holds folders itself, and when there is another part or nothing else beside it;
/// without train no part is found. A part other than train that has no class folder is not used; a note says
/// so. options: class_names (set: each is a folder of the root, so that there are no parts) and exclude.
/// Errors: Error{not_found}; Error{invalid_argument} for two folders of one part, and for folders that look
/// like parts of a split by what they hold: only folders, of the same names in each.
[[nodiscard]] Layout find_layout(const std::filesystem::path& directory, const ListOptions& options = {});

/// For each folder name the position of the class it belongs to: by equal bytes, else by equal looks (Unicode
/// normalisation), else in any case; -1 where there is none. Two folders never have the same class.
[[nodiscard]] std::vector<std::ptrdiff_t> match_class_folders(const std::vector<std::string>& folders,
                                                              const std::vector<std::string>& class_names);

}  // namespace graft::data

#pragma GCC visibility pop
