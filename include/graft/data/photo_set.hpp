// SPDX-License-Identifier: Apache-2.0
// The types on the way from a folder to batches, in this order:
//   PhotoList     paths, labels and classes of the files in a folder, not decoded (list_photos)
//   PhotoSet      the photos of a list that can be decoded (load_photos): a handle to a PhotoStore
//   SampleSource  interface of whatever holds samples (private): PhotoStore for photos, TensorSource for
//   tensors PhotoStore    photos with their labels; its PixelCache keeps pixels in memory and on disk
//   (private) Dataset       some of a SampleSource's samples, with batch size, order and form of the labels
//   BatchIterator one pass over a Dataset; yields a Batch at a time
// KnownPhotos, an interface, remembers between runs which files are good. image_dataset_from_directory() does
// all of this in one call.
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

#include "graft/base/hash.hpp"
#include "graft/base/size2d.hpp"
#include "graft/data/dataset.hpp"
#include "graft/data/decode.hpp"
#include "graft/data/fingerprint.hpp"
#include "graft/data/photo_list.hpp"
#include "graft/data/resize.hpp"

#pragma GCC visibility push(default)

namespace graft::data {

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
  /// Whether a set without a readable photo is a set of none; else it is an error.
  bool allow_none = false;
  /// Photos in it count as readable and are decoded at first use only; null: none.
  std::shared_ptr<KnownPhotos> known;
};

/// The pixels (H, W, C) of an image for a data set with these options: resized to image_size, then float32 or
/// rounded to uint8 by pixel_type. What load_photos does with each decoded photo.
[[nodiscard]] Tensor resize_photo(const Tensor& image, const LoadPhotosOptions& options);

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
  /// Every unused file with its reason: PhotoList::left_out and photos that could not be decoded;
  /// sorted by path.
  [[nodiscard]] const std::vector<LeftOut>& left_out() const;

  /// What a person should know of the folders (PhotoList::notes) and photos, a sentence each: "3 photos:
  /// nearly black, such as a/1.tif".
  [[nodiscard]] const std::vector<std::string>& notes() const;

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

}  // namespace graft::data

#pragma GCC visibility pop
