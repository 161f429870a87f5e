// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/weights_store.hpp"

#include "store/addresses.hpp"
#include "store/adopt.hpp"
#include "store/digest.hpp"
#include "store/download.hpp"
#include "store/keep.hpp"
#include "store/lock.hpp"
#include "store/package.hpp"

namespace graft::store {
namespace {

std::string ended(const std::string& text) { return text.ends_with('\n') ? text : text + "\n"; }

[[noreturn]] void fail_pull(const PublishedFile& file, ErrorKind kind, const std::string& reason) {
  fail(kind, ended(reason), how_to_fetch(file));
}

/// In graft's own store, of the right length as far as a look can tell.
std::optional<FoundWeights> in_own_store(const PublishedFile& file) {
  const Layout layout(weights_home());
  const std::filesystem::path path = layout.link(file.name, file.file);
  if (!is_regular(path)) return std::nullopt;
  return FoundWeights{.path = path, .place = WeightsPlace::own};
}

Digest::Result digest_with_progress(const PublishedFile& file, const std::filesystem::path& path,
                                    const PullOptions& options) {
  std::error_code ignored;
  const std::uint64_t bytes = std::filesystem::file_size(path, ignored);
  return digest_of(path, hashes_of(file), [&](std::uint64_t done) {
    return !options.progress || options.progress(file.name, done, bytes);
  });
}

/// What an address has sent.
struct Arrived {
  const PartialFile& partial;
  const Digest::Result& content;
  const std::string& linked_hash;  ///< that the server states; empty: none
  const std::string& url;
};

/// Throws Error{bad_file} where the content is not the file.
void check_download(const Layout& layout, const PublishedFile& file, const Arrived& arrived) {
  const auto& [partial, content, linked_hash, url] = arrived;
  const std::string what = cat(url, " sent another file than the published one");
  check_newcomer(layout, file, content, what);
  if (!linked_hash.empty() && linked_hash != content.sha256)
    fail(ErrorKind::bad_file, what, ": its SHA-256 is ", content.sha256, ", the server states ", linked_hash);
  try {
    check_is_weights(partial.path());
  } catch (const Error& error) {
    fail(ErrorKind::bad_file, url, " sent something else than a complete file of weights: ", error.what());
  }
}

/// A damaged file in a cache of another program does not keep the right one from being fetched.
bool is_right(const PublishedFile& file, const FoundWeights& found) {
  try {
    check_content(file, found);
    return true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::bad_file) throw;
    return false;
  }
}

/// Tries one address. Nothing where the file is in the store now.
std::optional<DownloadFailure> pull_from(const std::string& url, const PublishedFile& file,
                                         const PullOptions& options) {
  const Layout layout(weights_home());
  const FileLock lock(PartialFile::lock_file(layout, url),
                      [&] { return !options.progress || options.progress(file.name, 0, 0); });
  if (in_own_store(file)) return std::nullopt;  // another process has fetched it meanwhile
  for (bool again = false;; again = true) {
    PartialFile partial(layout, url);
    Downloader downloader(file, url, options);
    try {
      if (auto failure = downloader.fetch(partial)) return failure;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted) throw;
      return DownloadFailure{error.kind(), error.what()};
    }
    const Digest::Result content = digest_with_progress(file, partial.path(), options);
    try {
      check_download(layout, file, {partial, content, downloader.result().linked_hash, url});
    } catch (const Error& error) {
      partial.discard();
      // Parts of two versions may have been put together.
      if (downloader.result().resumed && !again) continue;
      return DownloadFailure{error.kind(), error.what()};
    }
    keep(layout, {file}, {.temporary = partial.path(), .content = content, .origin = url});
    partial.forget();
    return std::nullopt;
  }
}

FoundWeights copy_of(const PublishedFile& file, const std::filesystem::path& path) {
  const StoredWeights stored = adopt(
      path, [&](const Digest::Result&) { return std::vector{file}; }, path.string());
  return {.path = stored.path, .place = WeightsPlace::own};
}

bool is_offline(const PullOptions& options) { return options.offline || weights_offline(); }

/// From PullOptions::from and nowhere else.
FoundWeights pull_from_there(const PublishedFile& file, const PullOptions& options) {
  if (!is_address(options.from)) {
    const std::filesystem::path path = std::filesystem::path(options.from) / file.file;
    if (is_regular(path)) return copy_of(file, path);
    fail_option(ErrorKind::not_found, "from", "from: ", options.from, " has no file ", file.file,
                "; a file of another name is imported with: graft weights import FILE --name ", file.name);
  }
  if (is_offline(options)) fail_pull(file, ErrorKind::not_found, "the network is not asked (offline)");
  const std::string url = cat(without_last_slashes(options.from), "/", file.file);
  if (const std::optional<DownloadFailure> failure = pull_from(url, file, options))
    fail(failure->kind, "cannot download ", file.file, ":\n  ", url, "\n    ", failure->reason);
  return in_own_store(file).value();
}

}  // namespace

FoundWeights pull_weights(const PublishedFile& file, const PullOptions& options) {
  if (const std::optional<FoundWeights> own = in_own_store(file)) return *own;
  if (!options.from.empty()) return pull_from_there(file, options);
  if (const std::optional<FoundWeights> found = find_weights(file); found && is_right(file, *found))
    return found->place == WeightsPlace::mirror ? copy_of(file, found->path) : *found;
  if (is_offline(options))
    fail_pull(file, ErrorKind::not_found,
              cat(file.file, " is not on this computer, and the network is not asked (offline)"));
  std::string reasons;
  ErrorKind kind = ErrorKind::not_found;
  for (const std::string& url : addresses_of(file)) {
    const std::optional<DownloadFailure> failure = pull_from(url, file, options);
    if (!failure) {
      if (const std::optional<FoundWeights> own = in_own_store(file)) return *own;
      fail(ErrorKind::io, path_in_store(file).string(), " vanished while it was put in place");
    }
    kind = failure->kind;
    reasons += cat("\n  ", url, "\n    ", failure->reason);
  }
  if (!file.package.empty() && file.urls.empty()) {
    const std::string reason = pull_package(file, options);
    if (const std::optional<FoundWeights> own = in_own_store(file); own && reason.empty()) return *own;
    fail_pull(file, ErrorKind::io, reason + reasons);
  }
  if (reasons.empty()) reasons = "\n  its catalogue has no address for it";
  fail_pull(file, kind, cat("cannot download ", file.file, ":", reasons));
}

}  // namespace graft::store
