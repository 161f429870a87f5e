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

/// Remembers on the disk which photos could be decoded, their fingerprints and measures.
class CachedKnownPhotos final : public data::KnownPhotos {
 public:
  /// measured: those with measures, which stand apart, as what is there is not replaced.
  CachedKnownPhotos(const DiskCacheOptions& options, bool measured)
      : section_(options, "photos known to be readable",
                 Hasher().add(measured ? "measured photos 2" : "readable photos 4").digest()) {}

  [[nodiscard]] std::optional<data::PhotoFacts> find(const Hash128& sample) override {
    Bytes bytes{};
    {
      const std::lock_guard lock(mutex_);
      if (!section_.read(sample, bytes)) return std::nullopt;
    }
    data::PhotoFacts photo;
    Reader reader{bytes};
    visit(photo, [&](auto& member) { reader.take(member); });
    photo.print.flat = bytes.back() != std::byte{0};
    return photo;
  }
  void add(const Hash128& sample, const data::PhotoFacts& photo) override {
    Bytes bytes{};
    Writer writer{bytes};
    visit(photo, [&](const auto& member) { writer.put(member); });
    bytes.back() = photo.print.flat ? std::byte{1} : std::byte{0};
    const std::lock_guard lock(mutex_);
    section_.put(sample, bytes);
  }

 private:
  // pixels, pattern, thumbnail, six measures, and whether it is flat
  static constexpr std::size_t kNumbers = 8;
  using Bytes = std::array<std::byte, kNumbers * sizeof(std::uint64_t) +
                                          data::Fingerprint::kSide * data::Fingerprint::kSide + 1>;
  struct Reader {
    const Bytes& bytes;
    std::size_t at = 0;
    template <typename T>
    void take(T& member) {
      std::memcpy(&member, bytes.data() + at, sizeof member);
      at += sizeof member;
    }
  };
  struct Writer {
    Bytes& bytes;
    std::size_t at = 0;
    template <typename T>
    void put(const T& member) {
      std::memcpy(bytes.data() + at, &member, sizeof member);
      at += sizeof member;
    }
  };
  template <typename Photo, typename Each>
  static void visit(Photo& photo, const Each& each) {
    each(photo.print.pixels);
    each(photo.print.pattern);
    each(photo.print.thumbnail);
    each(photo.measures.height);
    each(photo.measures.width);
    each(photo.measures.dark);
    each(photo.measures.bright);
    each(photo.measures.contrast);
    each(photo.measures.blur);
  }

  std::mutex mutex_;
  CacheSection section_;
};

}  // namespace transfer
}  // namespace graft
