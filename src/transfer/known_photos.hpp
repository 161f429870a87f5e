// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include "graft/base/disk_cache.hpp"
#include "graft/data/photo_set.hpp"

namespace graft::transfer {

/// Remembers on the disk which photos could be decoded.
class CachedKnownPhotos final : public data::KnownPhotos {
 public:
  explicit CachedKnownPhotos(const DiskCacheOptions& options)
      : section_(options, "photos known to be readable", Hasher().add("readable photos 1").digest()) {}

  [[nodiscard]] bool has(const Hash128& contents) override {
    const std::lock_guard lock(mutex_);
    return section_.read(contents, {});
  }
  void add(const Hash128& contents) override {
    const std::lock_guard lock(mutex_);
    section_.put(contents, {});
  }

 private:
  std::mutex mutex_;
  CacheSection section_;
};

}  // namespace graft::transfer
