// SPDX-License-Identifier: Apache-2.0
// Looking after the store: list, verify, remove, collect garbage.
#include <algorithm>
#include <chrono>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/similar_names.hpp"
#include "graft/weights_store.hpp"

#include "store/digest.hpp"
#include "store/layout.hpp"
#include "store/lock.hpp"

namespace graft::store {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kAbandoned{24 * 7};

/// Of a file that is removed; 0 where it could not be.
std::uint64_t removed(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t bytes = fs::is_symlink(path, error) ? 0 : fs::file_size(path, error);
  if (error || !fs::remove(path, error) || error) return 0;
  return bytes;
}

void remove_empty_parents(fs::path folder, const fs::path& until) {
  std::error_code error;
  while (folder != until && folder.string().size() > until.string().size()) {
    if (!fs::is_empty(folder, error) || error || !fs::remove(folder, error)) return;
    folder = folder.parent_path();
  }
}

std::set<std::string> linked_blobs(const Layout& layout) {
  std::set<std::string> hashes;
  for (const StoredWeights& stored : layout.all()) hashes.insert(stored.sha256);
  return hashes;
}

bool is_abandoned(const fs::path& path) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  return !error && fs::file_time_type::clock::now() - time > kAbandoned;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    entries.push_back(entry->path());
  return entries;
}

std::uint64_t collect_partial(const Layout& layout, bool all) {
  std::uint64_t freed = 0;
  for (const fs::path& path : entries_of(layout.partial())) {
    fs::path lock = path;
    lock.replace_extension(".lock");
    if (FileLock::is_held(lock) || (!all && !is_abandoned(path))) continue;
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      fs::remove_all(path, ignored);
    } else {
      freed += removed(path);
    }
  }
  return freed;
}

VerifiedWeights verified(const PublishedFile& row, const FoundWeights& found,
                         const WeightsProgress& progress) {
  VerifiedWeights result{.name = row.name, .path = found.path, .place = found.place};
  std::error_code ignored;
  const std::uint64_t total = fs::file_size(found.path, ignored);
  const Digest::Result content = digest_of(found.path, hashes_of(row), [&](std::uint64_t done) {
    return !progress || progress(row.name, done, total);
  });
  result.bytes = content.bytes;
  result.sha256 = content.sha256;
  const bool published = has_hash(row) && found.place != WeightsPlace::hugging_face;
  if (published) result.fault = difference(row, content);
  result.checked = published;
  return result;
}

void compare_with_record(const Layout& layout, const StoredWeights& stored, VerifiedWeights& result) {
  result.checked = true;
  if (result.sha256 != stored.sha256)
    result.fault = cat("its SHA-256 is ", result.sha256, ", it came as ", stored.sha256);
  try {
    const std::optional<Record> record = layout.record(stored.name);
    if (!record && result.fault.empty()) result.fault = "its record is missing";
    if (record && record->sha256 != stored.sha256 && result.fault.empty())
      result.fault = cat("its record states ", record->sha256);
  } catch (const Error& error) {
    if (result.fault.empty()) result.fault = error.what();
  }
}

}  // namespace

std::vector<StoredWeights> stored_weights() { return Layout(weights_home()).all(); }

std::vector<VerifiedWeights> verify_weights(const WeightsProgress& progress) {
  const Layout layout(weights_home());
  std::vector<VerifiedWeights> results;
  const std::vector<PublishedFile> known = known_files();
  for (const StoredWeights& stored : layout.all()) {
    const auto row = std::ranges::find(known, stored.name, &PublishedFile::name);
    const PublishedFile fallback{.name = stored.name};
    if (!is_regular(stored.path)) {
      results.push_back({.name = stored.name, .path = stored.path, .fault = "its content is missing"});
      continue;
    }
    results.push_back(verified(row == known.end() ? fallback : *row,
                               {.path = stored.path, .place = WeightsPlace::own}, progress));
    compare_with_record(layout, stored, results.back());
  }
  for (const PublishedFile& row : known) {
    const std::optional<FoundWeights> found = find_weights(row);
    if (found && found->place != WeightsPlace::own) results.push_back(verified(row, *found, progress));
  }
  return results;
}

std::uint64_t remove_weights(const std::string& given, bool forget) {
  const Layout layout(weights_home());
  const FileLock lock(layout.lock());
  const std::vector<StoredWeights> all = layout.all();
  const std::optional<PublishedFile> row = look_up_published_file(given);
  const std::string name = row ? row->name : given;
  const auto found = std::ranges::find(all, name, &StoredWeights::name);
  std::uint64_t freed = 0;
  bool anything = found != all.end();
  if (anything) {
    static_cast<void>(removed(found->path));
    static_cast<void>(removed(found->path.parent_path() / kConfigName));
    remove_empty_parents(found->path.parent_path(), layout.names());
    if (!linked_blobs(layout).contains(found->sha256)) freed = removed(layout.blob(found->sha256));
  }
  std::error_code ignored;
  if (forget && fs::remove(layout.record_file(name), ignored)) anything = true;
  if (anything) return freed;
  if (const auto elsewhere = row ? find_weights(*row) : std::nullopt) {
    fail(ErrorKind::not_found, "graft's store does not have ", name, "; ", elsewhere->path.string(),
         " is in ", to_string(elsewhere->place), ", which graft does not change");
  }
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const StoredWeights& stored : all) names.push_back(stored.name);
  fail(ErrorKind::not_found, "graft's store does not have '", name, "'",
       similar_text(name, names, "; graft weights list --here shows what is here"));
}

std::uint64_t collect_garbage(bool all) {
  const Layout layout(weights_home());
  std::error_code error;
  if (!fs::is_directory(layout.home(), error)) return 0;
  const FileLock lock(layout.lock());
  for (const StoredWeights& stored : layout.all()) {
    if (is_regular(stored.path)) continue;
    static_cast<void>(removed(stored.path));
    static_cast<void>(removed(stored.path.parent_path() / kConfigName));
    remove_empty_parents(stored.path.parent_path(), layout.names());
  }
  std::uint64_t freed = collect_partial(layout, all);
  const std::set<std::string> linked = linked_blobs(layout);
  for (const fs::path& blob : entries_of(layout.blobs())) {
    if (!linked.contains(blob.filename().string())) freed += removed(blob);
  }
  return freed;
}

}  // namespace graft::store
