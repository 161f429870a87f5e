// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstring>
#include <mutex>
#include <optional>

#include "graft/disk_cache.hpp"
#include "graft/photos.hpp"

namespace graft {
inline namespace transfer {

/// Remembers on the disk which photos could be decoded, and their fingerprints.
class CachedKnownPhotos final : public data::KnownPhotos {
 public:
  explicit CachedKnownPhotos(const DiskCacheOptions& options)
      : section_(options, "photos known to be readable", Hasher().add("readable photos 2").digest()) {}

  [[nodiscard]] std::optional<data::Fingerprint> find(const Hash128& sample) override {
    Bytes bytes;
    {
      const std::lock_guard lock(mutex_);
      if (!section_.read(sample, bytes)) return std::nullopt;
    }
    data::Fingerprint print;
    std::memcpy(&print.pixels, bytes.data(), sizeof print.pixels);
    std::memcpy(&print.pattern, bytes.data() + kPattern, sizeof print.pattern);
    std::memcpy(print.thumbnail.data(), bytes.data() + kThumbnail, print.thumbnail.size());
    print.flat = bytes.back() != std::byte{0};
    return print;
  }
  void add(const Hash128& sample, const data::Fingerprint& print) override {
    Bytes bytes;
    std::memcpy(bytes.data(), &print.pixels, sizeof print.pixels);
    std::memcpy(bytes.data() + kPattern, &print.pattern, sizeof print.pattern);
    std::memcpy(bytes.data() + kThumbnail, print.thumbnail.data(), print.thumbnail.size());
    bytes.back() = print.flat ? std::byte{1} : std::byte{0};
    const std::lock_guard lock(mutex_);
    section_.put(sample, bytes);
  }

 private:
  static constexpr std::size_t kPattern = sizeof(std::uint64_t),
                               kThumbnail = kPattern + sizeof(std::uint64_t);
  using Bytes = std::array<std::byte, kThumbnail + data::Fingerprint::kSide * data::Fingerprint::kSide + 1>;
  std::mutex mutex_;
  CacheSection section_;
};

}  // namespace transfer
}  // namespace graft
