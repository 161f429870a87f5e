// SPDX-License-Identifier: Apache-2.0
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

namespace graft::data {

/// How decoded and resized pixels are kept. float32: exactly what Keras's pipeline gives. uint8: rounded and
/// clipped to 0..255, a quarter of the memory.
enum class PixelType { float32, uint8 };

inline constexpr std::size_t kDefaultCacheBytes = std::size_t{1} << 30;

/// Photos that were decoded before and found good, by the key of their sample: contents and options of
/// loading. Threads: called from several.
class KnownPhotos {
 public:
  virtual ~KnownPhotos() = default;
  /// The fingerprint of a photo that is known.
  [[nodiscard]] virtual std::optional<Fingerprint> find(const Hash128& sample) = 0;
  /// A photo that was found good now.
  virtual void add(const Hash128& sample, const Fingerprint& fingerprint) = 0;
};
/// Names a file's bytes together with the way they are decoded.
[[nodiscard]] Hash128 contents_of(std::span<const std::byte> file, const DecodeOptions& options);

struct LoadOptions {
  Size2D image_size = 256;
  ResizeOptions resize;
  DecodeOptions decode;
  PixelType pixel_type = PixelType::float32;
  /// Memory for pixels at most.
  std::size_t cache_bytes = kDefaultCacheBytes;
  /// Disk for those that do not fit into memory, at most, in a nameless file in graft's cache folder. What
  /// does not fit there either is decoded again each time it is needed.
  std::size_t disk_cache_bytes = 0;
  /// Threads that decode; 0: as many as graft::num_threads().
  int threads = 0;
  /// Makes PhotoSet::fingerprints() while the pixels are at hand.
  bool fingerprints = false;
  /// A class of which no photo is left is an error (true), or stays in class_names without photos.
  bool require_every_class = true;
  /// Photos that it has are taken as readable, and decoded only when they are asked for; null: none.
  std::shared_ptr<KnownPhotos> known;
};

/// Called from the thread that called load_photos: photos done so far, photos in all. Return false to stop.
using LoadProgress = std::function<bool(std::size_t done, std::size_t total)>;

/// Photos that were decoded once and found good, sharing one store of pixels. A light handle.
class PhotoSet {
 public:
  PhotoSet(std::shared_ptr<const SampleSource> source, std::vector<LeftOut> left_out,
           std::vector<Fingerprint> fingerprints = {});

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] const std::vector<std::filesystem::path>& file_paths() const;
  /// Index into class_names, one a photo; empty without labels.
  [[nodiscard]] const std::vector<int>& labels() const;
  [[nodiscard]] const std::vector<std::string>& class_names() const;
  /// Every file that is not used with its reason: those the list had left out and those that could not be
  /// decoded; sorted by path.
  [[nodiscard]] const std::vector<LeftOut>& left_out() const { return left_out_; }

  /// One a photo, of its pixels at image_size; empty unless LoadOptions asked for them.
  [[nodiscard]] const std::vector<Fingerprint>& fingerprints() const { return fingerprints_; }

  /// Chosen photos (positions in file_paths()) as a Dataset over the same store: nothing is copied or
  /// decoded.
  [[nodiscard]] Dataset subset(std::span<const std::size_t> indices,
                               const DatasetOptions& options = {}) const;
  /// All of them.
  [[nodiscard]] Dataset all(const DatasetOptions& options = {}) const;

 private:
  std::shared_ptr<const SampleSource> source_;
  std::vector<LeftOut> left_out_;
  std::vector<Fingerprint> fingerprints_;
};

/// Decodes every photo of a list once, in threads, drops what is broken and keeps the order of the rest.
/// Errors: Error{bad_file} naming the class of which nothing is left, or when no photo is left at all;
/// Error{interrupted} when progress returns false.
[[nodiscard]] PhotoSet load_photos(const PhotoList& list, const LoadOptions& options = {},
                                   const LoadProgress& progress = {});

}  // namespace graft::data
