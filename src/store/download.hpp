// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <optional>
#include <string>

#include "graft/error.hpp"
#include "graft/weights_store.hpp"

#include "store/http.hpp"
#include "store/partial.hpp"

namespace graft {
inline namespace store {

/// Why a download did not come to its end, after all attempts.
struct DownloadFailure {
  ErrorKind kind = ErrorKind::io;
  std::string reason;  ///< in words: "the server answered 404"
};

/// What a complete download is.
struct Downloaded {
  std::string linked_hash;  ///< SHA-256 that the server stated; empty: none
  bool resumed = false;     ///< the file has bytes of an earlier attempt
};

/// Fetches url into the partial file until it is complete, continuing what is there. Tries again after broken
/// connections and the answers 408, 429 and 5xx, with pauses that double; not where the first attempt finds
/// no network. Throws Error{interrupted}, and Error{io} where the disk is full.
class Downloader {
 public:
  Downloader(const PublishedFile& file, std::string url, const PullOptions& options);

  /// Nothing where the download is complete.
  [[nodiscard]] std::optional<DownloadFailure> fetch(PartialFile& partial);
  [[nodiscard]] const Downloaded& result() const { return result_; }

 private:
  [[nodiscard]] HttpResult attempt(PartialFile& partial);
  [[nodiscard]] bool begin(const HttpHead& head, PartialFile& partial);
  [[nodiscard]] bool tick(const PartialFile& partial);
  /// Waits; false where the caller stopped it.
  void pause(const PartialFile& partial, int failures, const HttpHead& head);

  const PublishedFile& file_;
  std::string url_;
  const PullOptions& options_;
  Downloaded result_;
  std::exception_ptr error_;  ///< thrown within a callback of libcurl, through which it must not pass
  bool misplaced_ = false;    ///< the server sent another part than the one asked for
};

}  // namespace store
}  // namespace graft
