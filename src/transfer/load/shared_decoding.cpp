// SPDX-License-Identifier: Apache-2.0
#include "transfer/load/shared_decoding.hpp"

#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "graft/cluster/tree_sum.hpp"

namespace graft::transfer {
namespace {

using Decoded = std::pair<Hash128, data::PhotoFacts>;
static_assert(std::is_trivially_copyable_v<Hash128> && std::is_trivially_copyable_v<data::PhotoFacts>);

class DecodedPhotos final : public data::KnownPhotos {
 public:
  [[nodiscard]] std::optional<data::PhotoFacts> find(const Hash128& sample) override {
    const std::lock_guard lock(mutex_);
    const auto found = photos_.find(sample);
    if (found == photos_.end()) return std::nullopt;
    return found->second;
  }
  void add(const Hash128& sample, const data::PhotoFacts& photo) override {
    const std::lock_guard lock(mutex_);
    photos_.emplace(sample, photo);
  }

  /// Those of all ranks, which run on machines of one kind.
  void gather(cluster::Communicator& ranks) {
    cluster::Bytes own(photos_.size() * kSize);
    std::byte* to = own.data();
    for (const auto& [sample, photo] : photos_) {
      std::memcpy(to, &sample, sizeof sample);
      std::memcpy(to + sizeof sample, &photo, sizeof photo);
      to += kSize;
    }
    for (const cluster::Bytes& part : ranks.gather(own)) {
      for (std::size_t at = 0; at < part.size(); at += kSize) {
        Decoded known;
        std::memcpy(&known.first, part.data() + at, sizeof known.first);
        std::memcpy(&known.second, part.data() + at + sizeof known.first, sizeof known.second);
        photos_.insert(known);
      }
    }
  }

 private:
  static constexpr std::size_t kSize = sizeof(Hash128) + sizeof(data::PhotoFacts);

  std::mutex mutex_;
  std::map<Hash128, data::PhotoFacts> photos_;
};

template <typename T>
std::vector<T> part_of(const std::vector<T>& all, cluster::Range range, std::size_t per_photo = 1) {
  if (all.empty()) return {};
  return {all.begin() + static_cast<std::ptrdiff_t>(range.begin * per_photo),
          all.begin() + static_cast<std::ptrdiff_t>(range.end * per_photo)};
}

}  // namespace

std::shared_ptr<data::KnownPhotos> decode_in_shares(cluster::Communicator& ranks, const data::PhotoList& list,
                                                    const data::LoadPhotosOptions& options,
                                                    const data::LoadProgress& progress) {
  auto decoded = std::make_shared<DecodedPhotos>();
  const cluster::Range own = cluster::share_of(list.paths.size(), ranks.rank(), ranks.size());
  if (own.size() > 0) {
    data::PhotoList part;
    part.paths = part_of(list.paths, own);
    part.labels = part_of(list.labels, own);
    part.label_sets = part_of(list.label_sets, own);
    part.targets = part_of(list.targets, own, list.class_names.size());
    part.class_names = list.class_names;
    data::LoadPhotosOptions of_part = options;
    of_part.require_every_class = false;
    of_part.allow_none = true;
    of_part.known = decoded;
    (void)data::load_photos(part, of_part, progress);
  }
  decoded->gather(ranks);
  return decoded;
}

}  // namespace graft::transfer
