// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/weights_store.hpp"

#include "store/digest.hpp"
#include "store/keep.hpp"
#include "store/manifest.hpp"

namespace graft::store {
namespace {

namespace fs = std::filesystem;

/// A file to write, checked.
struct Outgoing {
  fs::path from;
  ManifestEntry entry;
  std::optional<bool> may_be_passed_on;
};

Outgoing outgoing(const std::string& name) {
  if (const std::optional<PublishedFile> row = look_up_published_file(name)) {
    const std::optional<FoundWeights> found = find_weights(*row);
    if (!found)
      fail(ErrorKind::not_found, row->name, " is not on this computer; graft weights pull ", row->name);
    check_content(*row, *found);
    const std::string origin = row->urls.empty() ? row->package : row->urls.front();
    return {.from = found->path,
            .entry = {.name = row->name, .file = row->file, .licence = row->licence, .origin = origin},
            .may_be_passed_on = row->may_be_passed_on()};
  }
  for (const StoredWeights& stored : stored_weights()) {
    if (stored.name != name) continue;
    return {.from = stored.path,
            .entry = {.name = name,
                      .file = stored.path.filename().string(),
                      .licence = stored.licence,
                      .origin = stored.origin}};
  }
  fail(ErrorKind::not_found, "there are no weights named '", name, "'; graft weights list shows the names");
}

void write_one(Outgoing& file, const fs::path& folder) {
  const fs::path target = folder / file.entry.file;
  const Digest::Result content = digest_of(file.from, Hashes::sha256);
  file.entry.sha256 = content.sha256;
  file.entry.bytes = content.bytes;
  if (is_regular(target)) {
    if (digest_of(target, Hashes::sha256).sha256 == content.sha256) return;
    fail(ErrorKind::io, target.string(), " exists and has other content; name another folder");
  }
  check_room(folder, content.bytes, file.entry.file);
  AtomicFile out(target);
  std::error_code error;
  fs::copy_file(file.from, out.temporary_path(), error);
  if (error) fail(ErrorKind::io, "cannot write ", target.string(), ": ", error.message());
  // Blobs are read-only, and so would their copies be.
  fs::permissions(out.temporary_path(), fs::perms::owner_write, fs::perm_options::add, error);
  if (digest_of(out.temporary_path(), Hashes::sha256).sha256 != content.sha256)
    fail(ErrorKind::io, target.string(), " was not written as it was read; is the medium broken?");
  out.commit();
}

}  // namespace

ExportedWeights export_weights(const std::vector<std::string>& names, const fs::path& folder) {
  std::vector<Outgoing> files;
  ExportedWeights result;
  for (const std::string& name : names) {
    Outgoing file = outgoing(name);
    if (file.may_be_passed_on == false) {
      const std::string& licence = file.entry.licence;
      fail(ErrorKind::unsupported, file.entry.name, ": ",
           licence == "unknown" ? std::string("its publisher states no licence")
                                : cat("its licence", licence.empty() ? "" : ", ", licence,
                                      licence.empty() ? "" : ",", " is not known to allow passing copies on"),
           ", so it is not exported.\n  The other computer can fetch it itself: graft weights fetch-list ",
           file.entry.name,
           "\n  If you may pass it on: a catalogue of your own with this name and the column redistribution, "
           "yes");
    }
    if (!file.may_be_passed_on)
      result.notes.push_back(cat(file.entry.name, ": no licence is stated; see that you may pass it on"));
    files.push_back(std::move(file));
  }
  make_folder(folder);
  std::vector<ManifestEntry> entries;
  if (is_regular(folder / kManifestName)) entries = read_manifest(folder / kManifestName);
  for (Outgoing& file : files) {
    write_one(file, folder);
    std::erase_if(entries, [&](const ManifestEntry& entry) { return entry.name == file.entry.name; });
    result.names.push_back(file.entry.name);
    entries.push_back(file.entry);
  }
  std::ranges::sort(entries, {}, &ManifestEntry::name);
  write_manifest(folder / kManifestName, entries);
  return result;
}

}  // namespace graft::store
