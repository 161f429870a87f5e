// SPDX-License-Identifier: Apache-2.0
#include "store/manifest.hpp"

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"

#include "store/layout.hpp"

namespace graft::store {
namespace {

constexpr int kVersion = 1;

[[noreturn]] void fail_manifest(const std::filesystem::path& path, const char* reason) {
  fail(ErrorKind::bad_file, path.string(), " is no manifest of graft weights export: ", reason);
}

}  // namespace

std::vector<ManifestEntry> read_manifest(const std::filesystem::path& path) {
  constexpr std::uintmax_t kMostBytes = std::uintmax_t{4} << 20U;
  const Json json = Json::parse(read_file(path, kMostBytes), nullptr, false);
  if (!json.is_object() || !json.contains("graft_weights"))
    fail_manifest(path, "it has no key graft_weights");
  if (json["graft_weights"] != kVersion) fail_manifest(path, "another version than 1");
  if (!json.contains("files") || !json["files"].is_array()) fail_manifest(path, "it has no list files");
  std::vector<ManifestEntry> entries;
  for (const Json& item : json["files"]) {
    const std::optional<Record> record = record_from(item);
    if (!record) fail_manifest(path, "an entry lacks name, file or sha256, or has one that cannot be used");
    entries.push_back({.name = record->name,
                       .file = record->file,
                       .sha256 = record->sha256,
                       .bytes = record->bytes,
                       .licence = record->licence,
                       .origin = record->origin});
  }
  return entries;
}

void write_manifest(const std::filesystem::path& path, const std::vector<ManifestEntry>& entries) {
  Json files = Json::array();
  for (const ManifestEntry& entry : entries) {
    files.push_back(to_json(Record{.name = entry.name,
                                   .file = entry.file,
                                   .sha256 = entry.sha256,
                                   .bytes = entry.bytes,
                                   .origin = entry.origin,
                                   .licence = entry.licence}));
  }
  const Json json{{"graft_weights", kVersion}, {"files", std::move(files)}};
  write_file_atomically(path, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace graft::store
