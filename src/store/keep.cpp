// SPDX-License-Identifier: Apache-2.0
#include "store/keep.hpp"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/formats/file_kind.hpp"
#include "graft/formats/keras_h5.hpp"
#include "graft/formats/weights_h5.hpp"

#include "store/addresses.hpp"
#include "store/lock.hpp"

namespace graft::store {
namespace {

namespace fs = std::filesystem;

void move_file(const fs::path& from, const fs::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0)
    fail(ErrorKind::io, "cannot put ", to.string(), " in place: ", std::strerror(errno));
  flush(to.parent_path());
}

/// A link that replaces another one of its name at once.
void link_name(const fs::path& blob, const fs::path& link) {
  static std::atomic<unsigned> counter{0};
  make_folder(link.parent_path());
  const fs::path temporary = link.parent_path() / cat(".link.", ::getpid(), ".", counter++);
  const fs::path target = blob.lexically_relative(link.parent_path());
  if (::symlink(target.c_str(), temporary.c_str()) != 0) {
    fail(ErrorKind::io, "cannot make the link ", link.string(), ": ", std::strerror(errno),
         "; graft's store needs a file system with symbolic links, GRAFT_HOME names another folder");
  }
  move_file(temporary, link);
}

/// timm's files stand beside a config.json on its hub; a file alone would lose how its pixels are scaled.
void write_config(const PublishedFile& row, const fs::path& folder) {
  if (row.hub.empty() || !row.mean || !row.deviation) return;
  Json facts{{"mean", *row.mean}, {"std", *row.deviation}};
  if (!row.interpolation.empty()) facts["interpolation"] = row.interpolation;
  if (row.crop > 0) facts["crop_pct"] = row.crop;
  const std::string tag = row.name.substr(row.name.rfind('/') + 1);
  const Json config{{"architecture", tag.substr(0, tag.find('.'))}, {"pretrained_cfg", std::move(facts)}};
  make_folder(folder);
  write_file_atomically(folder / kConfigName, config.dump(1) + "\n");
}

bool opens_as_h5(const fs::path& path) {
  try {
    static_cast<void>(formats::open_keras_h5(path));
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

void keep(const Layout& layout, const std::vector<PublishedFile>& rows, const Newcomer& newcomer) {
  const FileLock lock(layout.lock());
  const fs::path blob = layout.blob(newcomer.content.sha256);
  make_folder(layout.blobs());
  constexpr mode_t kReadOnly = 0444;
  ::chmod(newcomer.temporary.c_str(), kReadOnly);
  flush(newcomer.temporary);
  for (const PublishedFile& row : rows) {
    const fs::path file = layout.record_file(row.name);
    make_folder(file.parent_path());
    const Json json = to_json({.name = row.name,
                               .file = row.file,
                               .sha256 = newcomer.content.sha256,
                               .bytes = newcomer.content.bytes,
                               .origin = newcomer.origin,
                               .licence = row.licence});
    write_file_atomically(file, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  // Also over content that is there: it may have been damaged since, this was just verified.
  move_file(newcomer.temporary, blob);
  for (const PublishedFile& row : rows) {
    const fs::path link = layout.link(row.name, row.file);
    write_config(row, link.parent_path());
    link_name(blob, link);
  }
}

void check_is_weights(const fs::path& path) {
  const formats::FileKind kind = formats::file_kind_of(path);
  switch (kind) {
    case formats::FileKind::hdf5:
      if (!opens_as_h5(path)) static_cast<void>(formats::open_weights_h5(path));
      return;
    case formats::FileKind::keras_archive:
      return;
    case formats::FileKind::torch:
    case formats::FileKind::safetensors:
    case formats::FileKind::npz:
      static_cast<void>(formats::open_named_tensors(path, kind));
      return;
  }
}

void check_newcomer(const Layout& layout, const PublishedFile& row, const Digest::Result& content,
                    const std::string& what) {
  if (const std::string fault = difference(row, content); !fault.empty())
    fail(ErrorKind::bad_file, what, ": ", fault, " (", with_commas(static_cast<std::int64_t>(content.bytes)),
         " bytes)");
  const std::optional<Record> known = layout.record(row.name);
  if (known && known->sha256 != content.sha256) {
    fail(ErrorKind::bad_file, what, ": its SHA-256 is ", content.sha256, ", recorded when it first came is ",
         known->sha256, ".\n  If the publisher has replaced the file: graft weights remove ", row.name,
         " --forget, then again");
  }
}

void check_room(const fs::path& folder, std::uint64_t bytes, const std::string& what) {
  constexpr std::uint64_t kReserve = std::uint64_t{16} << 20U;
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  if (error || space.available >= bytes + kReserve) return;
  fail(ErrorKind::io, "not enough room for ", what, ": it needs ", megabytes_text(bytes), ", ",
       folder.string(), " has ", megabytes_text(space.available),
       " free.\n  GRAFT_HOME names another folder for graft's store");
}

}  // namespace graft::store
