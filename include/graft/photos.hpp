// SPDX-License-Identifier: Apache-2.0
// Photos in folders: listing, loading, data sets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/dataset.hpp"
#include "graft/hash.hpp"
#include "graft/image.hpp"
#include "graft/tensor.hpp"

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

// The types on the way from a folder to batches, in this order:
//   PhotoList     paths, labels and classes of the files in a folder, not decoded (list_photos)
//   PhotoSet      the photos of a list that can be decoded (load_photos): a handle to a PhotoStore
//   SampleSource  interface of whatever holds samples (private): PhotoStore for photos, TensorSource for
//   tensors PhotoStore    photos with their labels; its PixelCache keeps pixels in memory and on disk
//   (private) Dataset       some of a SampleSource's samples, with batch size, order and form of the labels
//   BatchIterator one pass over a Dataset; yields a Batch at a time
// KnownPhotos, an interface, remembers between runs which files are good. image_dataset_from_directory() does
// all of this in one call.

/// Element type in which decoded and resized pixels are kept. float32: exactly the values of Keras's
/// pipeline. uint8: rounded and clipped to 0..255, a quarter of the memory.
enum class PixelType { float32, uint8 };

inline constexpr std::size_t kDefaultCacheBytes = std::size_t{1} << 30;

/// Photos that were decoded successfully before, by sample key (contents and loading options), so that
/// load_photos need not decode them again. Threads: called from several threads at once.
class KnownPhotos {
 public:
  virtual ~KnownPhotos() = default;
  /// The fingerprint of a known photo; nothing for others.
  [[nodiscard]] virtual std::optional<Fingerprint> find(const Hash128& sample) = 0;
  /// Adds a photo that was just decoded.
  virtual void add(const Hash128& sample, const Fingerprint& fingerprint) = 0;
};
/// Hash of a file's bytes and of the decoding options.
[[nodiscard]] Hash128 contents_of(std::span<const std::byte> file, const DecodeOptions& options);

struct LoadPhotosOptions {
  Size2D image_size = 256;
  ResizeOptions resize;
  DecodeOptions decode;
  PixelType pixel_type = PixelType::float32;
  /// Most bytes of pixels kept in memory.
  std::size_t cache_bytes = kDefaultCacheBytes;
  /// Most bytes of pixels kept on disk, for photos that do not fit into memory, in a nameless file in graft's
  /// cache folder. Photos that do not fit there either are decoded again at each use.
  std::size_t disk_cache_bytes = 0;
  /// Threads that decode; 0: as many as graft::num_threads().
  int threads = 0;
  /// Computes PhotoSet::fingerprints() from the pixels.
  bool fingerprints = false;
  /// Hashes each file for Dataset::sample_keys(), which caches of results need. Always done where `known` is
  /// set.
  bool sample_keys = true;
  /// Whether a class without a readable photo is an error; else it stays in class_names.
  bool require_every_class = true;
  /// Photos in it count as readable and are decoded at first use only; null: none.
  std::shared_ptr<KnownPhotos> known;
};

/// Called in the thread that called load_photos: photos done so far, photos in total. Return false to stop.
using LoadProgress = std::function<bool(std::size_t done, std::size_t total)>;

/// Photos that were decoded successfully, and their shared store of pixels. A light handle.
class PhotoSet {
 public:
  explicit PhotoSet(std::shared_ptr<const SampleSource> source, std::vector<Fingerprint> fingerprints = {});

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] const std::vector<std::filesystem::path>& file_paths() const;
  /// Index into class_names, one per photo; empty without labels.
  [[nodiscard]] const std::vector<int>& labels() const;
  [[nodiscard]] const std::vector<std::string>& class_names() const;
  /// Every unused file with its reason: those in PhotoList::left_out and those that could not be decoded;
  /// sorted by path.
  [[nodiscard]] const std::vector<LeftOut>& left_out() const;

  /// One per photo, of its pixels at image_size; empty without LoadPhotosOptions::fingerprints.
  [[nodiscard]] const std::vector<Fingerprint>& fingerprints() const { return fingerprints_; }

  /// Chosen photos (positions in file_paths()) as a Dataset over the same store: nothing is copied or
  /// decoded.
  [[nodiscard]] Dataset subset(std::span<const std::size_t> indices,
                               const DatasetOptions& options = {}) const;
  /// All of them.
  [[nodiscard]] Dataset all(const DatasetOptions& options = {}) const;

 private:
  std::shared_ptr<const SampleSource> source_;
  std::vector<Fingerprint> fingerprints_;
};

/// Decodes every photo of a list once, in several threads, leaves out broken ones and keeps the order of the
/// others. Errors: Error{bad_file} naming a class without a readable photo, or when there is no readable
/// photo at all; Error{interrupted} when progress returns false.
[[nodiscard]] PhotoSet load_photos(const PhotoList& list, const LoadPhotosOptions& options = {},
                                   const LoadProgress& progress = {});

/// The part of a validation_split to load.
enum class Subset { training, validation, both };

/// Arguments of Keras's image_dataset_from_directory with its names and defaults, then graft's own.
struct ImageDatasetOptions {
  /// Keras's labels: true "inferred" from the sub-folders, false None.
  bool infer_labels = true;
  /// Keras's labels as a list: one per file, in the order of the sorted file paths. Sub-folders are then no
  /// classes.
  std::optional<std::vector<int>> labels;
  LabelMode label_mode = LabelMode::integer;
  std::vector<std::string> class_names;
  ColorMode color_mode = ColorMode::rgb;
  std::int64_t batch_size = 32;
  Size2D image_size = {256, 256};
  bool shuffle = true;
  /// Below 2^32. Unset: 0 (Keras draws one). Required for validation_split with shuffle, as in Keras.
  std::optional<std::uint64_t> seed;
  std::optional<double> validation_split;
  std::optional<Subset> subset;
  ResizeMethod interpolation = ResizeMethod::bilinear;
  bool follow_links = false;
  bool crop_to_aspect_ratio = false;
  bool pad_to_aspect_ratio = false;

  /// graft's own. Keras ignores the EXIF orientation: Exif::ignore does the same.
  Exif exif = Exif::apply;
  /// As TensorFlow decodes: with Exif::ignore the pixels equal Keras's.
  JpegDct jpeg_dct = JpegDct::fast;
  std::int64_t max_pixels = kMaxPixels;
  PixelType pixel_type = PixelType::float32;
  std::size_t cache_bytes = kDefaultCacheBytes;
  int threads = 0;
  LoadProgress progress;
};

/// auto [training, validation] = training_and_validation_from_directory(...)
struct TrainingAndValidation {
  Dataset training;
  Dataset validation;
};

/// Keras's image_dataset_from_directory: the same class names, and for the same seed and validation_split the
/// same files in the same order (for folders without hidden files and with Keras's formats only). Every photo
/// is decoded once at the start; Dataset::left_out() lists the files that cannot be. They are removed after
/// the split, so they do not change which part a file belongs to. The order of a shuffled epoch is graft's
/// own. Errors: as list_photos and load_photos; Error{invalid_argument} where Keras raises ValueError, and
/// for subset both.
[[nodiscard]] Dataset image_dataset_from_directory(const std::filesystem::path& directory,
                                                   const ImageDatasetOptions& options = {});

/// The same with subset="both": both parts of a validation_split, which must be set; validation is not
/// shuffled. options.subset may be both or unset. left_out() of each part lists the unused files of the whole
/// folder.
[[nodiscard]] TrainingAndValidation training_and_validation_from_directory(
    const std::filesystem::path& directory, const ImageDatasetOptions& options);

}  // namespace graft::data

#pragma GCC visibility pop
