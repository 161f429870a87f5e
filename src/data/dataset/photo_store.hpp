// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "graft/base/scratch_file.hpp"
#include "graft/photos.hpp"

#include "data/dataset/sample_source.hpp"

namespace graft::data {

/// A photo's pixels, decoded and resized by the options. Errors as decode_image's.
[[nodiscard]] Tensor decode_and_resize(std::span<const std::byte> file, const LoadPhotosOptions& options);
/// What decides those pixels; contents: contents_of() the file.
[[nodiscard]] Hash128 sample_key(const Hash128& contents, const LoadPhotosOptions& options);

/// Decoded pixels, one entry per photo: up to cache_bytes in memory, then up to disk_cache_bytes in a scratch
/// file. Threads: put() for distinct photos and reading may run concurrently.
class PixelCache {
 public:
  PixelCache(std::size_t photos, const LoadPhotosOptions& options);

  /// Keeps the pixels if there is room for them. A full disk means that there is none.
  void put(std::size_t photo, const Tensor& pixels);
  [[nodiscard]] bool has(std::size_t photo) const;
  /// Writes the pixels as float32. Only for photos that it has.
  void read(std::size_t photo, std::span<float> out) const;

 private:
  ScratchFile& file();

  Shape shape_;
  DType dtype_;
  std::size_t memory_, disk_;                        ///< bytes allowed
  std::atomic<std::size_t> kept_ = 0, written_ = 0;  ///< bytes used
  std::atomic<bool> disk_full_ = false;
  std::mutex mutex_;  ///< of making the file
  std::unique_ptr<ScratchFile> file_;
  std::vector<Tensor> tensors_;
  std::vector<std::optional<std::uint64_t>> offsets_;
};

/// Photos with as many of their pixels as fit into the cache; the others are decoded again at each use.
class PhotoStore : public SampleSource {
 public:
  /// cache_rows: the cache's entry of each of these photos.
  PhotoStore(Facts facts, std::shared_ptr<const PixelCache> cache, std::vector<std::size_t> cache_rows,
             LoadPhotosOptions options)
      : SampleSource(std::move(facts)),
        cache_(std::move(cache)),
        cache_rows_(std::move(cache_rows)),
        options_(std::move(options)) {}

  [[nodiscard]] bool is_decoded(std::size_t row) const override { return cache_->has(cache_rows_[row]); }
  void read(std::size_t row, std::span<float> out) const override;

 private:
  std::shared_ptr<const PixelCache> cache_;
  std::vector<std::size_t> cache_rows_;
  LoadPhotosOptions options_;
};

}  // namespace graft::data
