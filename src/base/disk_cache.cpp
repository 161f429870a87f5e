// SPDX-License-Identifier: Apache-2.0
#include "graft/disk_cache.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "graft/base/folders.hpp"

#include "base/cache_folder.hpp"
#include "base/cache_pack.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;
using cache_detail::IndexEntry;
using cache_detail::Pack;
using cache_detail::PackWriter;

constexpr std::uint64_t kDefaultLimit = std::uint64_t{4} << 30;
constexpr std::uint64_t kPackBytes = std::uint64_t{64} << 20;
// Most packs that a section keeps open; below the limit of open files of a process.
constexpr std::uint64_t kManyPacks = 64;
constexpr std::uint64_t kSmallPack = std::uint64_t{4} << 20;

struct KeyHash {
  std::size_t operator()(const Hash128& key) const { return static_cast<std::size_t>(key.low); }
};

std::uint64_t limit_of(const DiskCacheOptions& options) {
  return options.limit > 0 ? options.limit : disk_cache_limit();
}

}  // namespace

std::uint64_t disk_cache_limit() {
  const char* named = std::getenv("GRAFT_CACHE_MIB");
  if (named == nullptr) return kDefaultLimit;
  char* end = nullptr;
  const unsigned long long mebibytes = std::strtoull(named, &end, 10);
  constexpr unsigned long long kMost = ~0ULL >> 20;
  return end == named || *end != '\0' || mebibytes > kMost ? kDefaultLimit : mebibytes << 20;
}

class CacheSection::State {
 public:
  State(const DiskCacheOptions& options, std::string label, const Hash128& name)
      : root_(cache_detail::blocks_folder(options)),
        folder_(root_ / to_hex(name)),
        limit_(limit_of(options)),
        label_(std::move(label)),
        writable_(options.use) {
    if (!options.use) return;
    for (const fs::path& path : cache_detail::packs_in(folder_)) {
      if (!adopt(path)) cache_detail::remove_file(path);
    }
    if (packs_.size() > kManyPacks) merge_small_packs();
  }

  [[nodiscard]] bool has(const Hash128& key) const { return blocks_.contains(key); }

  bool read(const Hash128& key, std::span<std::byte> out) {
    // Two processes may have written the same block, and one copy may be broken.
    auto [block, end] = blocks_.equal_range(key);
    while (block != end) {
      const auto& [number, entry] = block->second;
      if (entry.size != out.size()) {
        ++block;
      } else if (!packs_[number].file.read(entry.offset, out) || checksum(out) != entry.checksum) {
        block = blocks_.erase(block);
      } else {
        if (!std::exchange(packs_[number].used, true)) packs_[number].file.touch();
        return true;
      }
    }
    return false;
  }

  void put(const Hash128& key, std::span<const std::byte> bytes) {
    if (has(key) || waiting_.contains(key) || !writable()) return;
    writable_ = writer_->add(key, bytes);
    waiting_.insert(key);
    if (!writable_ || writer_->bytes() >= std::max(kPackBytes, limit_ / kManyPacks)) flush();
  }

  void flush() {
    if (!writer_) return;
    if (!waiting_.empty()) writable_ = writable_ && writer_->finish() && adopt(writer_->path());
    writer_.reset();
    waiting_.clear();
    if (writable_) cache_detail::keep_below(root_, limit_);
  }

  [[nodiscard]] bool writable() {
    if (writable_ && !writer_) {
      writer_.emplace(folder_, label_);
      writable_ = writer_->good();
    }
    return writable_;
  }

 private:
  struct OpenPack {
    cache_detail::OpenFile file;
    fs::path path;
    bool used = false;
  };
  struct Block {
    std::size_t pack = 0;
    IndexEntry entry;
  };

  bool adopt(const fs::path& path) {
    std::optional<Pack> pack = cache_detail::open_pack(path);
    if (!pack) return false;
    for (const IndexEntry& entry : pack->index)
      blocks_.emplace(entry.key, Block{.pack = packs_.size(), .entry = entry});
    packs_.push_back({.file = std::move(pack->file), .path = path});
    return true;
  }

  /// Merges small files of earlier runs into one.
  void merge_small_packs() {
    const auto is_small = [](const OpenPack& pack) { return pack.file.size() < kSmallPack; };
    PackWriter merged(folder_, label_);
    std::vector<std::byte> bytes;
    for (const auto& [key, block] : blocks_) {
      const OpenPack& pack = packs_[block.pack];
      if (!is_small(pack)) continue;
      bytes.resize(block.entry.size);
      if (pack.file.read(block.entry.offset, bytes) && checksum(bytes) == block.entry.checksum)
        merged.add(key, bytes);
    }
    if (!merged.finish()) return;
    for (const OpenPack& pack : packs_) {
      if (is_small(pack)) cache_detail::remove_file(pack.path);  // stays readable here
    }
  }

  fs::path root_, folder_;
  std::uint64_t limit_;
  std::string label_;
  bool writable_;
  std::vector<OpenPack> packs_;
  std::unordered_multimap<Hash128, Block, KeyHash> blocks_;
  std::optional<PackWriter> writer_;
  std::unordered_set<Hash128, KeyHash> waiting_;  ///< put but not yet flushed
};

CacheSection::CacheSection(const DiskCacheOptions& options, std::string label, const Hash128& name)
    : state_(std::make_unique<State>(options, std::move(label), name)) {}
CacheSection::~CacheSection() {
  if (state_) state_->flush();
}
CacheSection::CacheSection(CacheSection&&) noexcept = default;
CacheSection& CacheSection::operator=(CacheSection&&) noexcept = default;

bool CacheSection::has(const Hash128& key) const { return state_->has(key); }
bool CacheSection::read(const Hash128& key, std::span<std::byte> out) { return state_->read(key, out); }
void CacheSection::put(const Hash128& key, std::span<const std::byte> bytes) { state_->put(key, bytes); }
void CacheSection::flush() { state_->flush(); }
bool CacheSection::writable() { return state_->writable(); }

}  // namespace graft
