// SPDX-License-Identifier: Apache-2.0
#include "store/download.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <thread>

#include "graft/base/fail.hpp"

#include "store/digest.hpp"
#include "store/keep.hpp"

namespace graft::store {
namespace {

constexpr long kForbidden = 403, kNotFound = 404, kTimeout = 408, kGone = 410, kBadRange = 416,
               kTooMany = 429, kServerError = 500;

bool is_passing(long status) { return status == kTimeout || status == kTooMany || status >= kServerError; }

std::string validator_of(const HttpHead& head) {
  // A weak ETag says that two versions mean the same, not that their bytes are equal.
  if (!head.etag.empty() && !head.etag.starts_with("W/")) return head.etag;
  return head.last_modified;
}

std::string explained(long status) {
  switch (status) {
    case kForbidden:
      return "the server answered 403: it refuses this file to this computer or network";
    case kNotFound:
    case kGone:
      return cat("the server answered ", status, ": it does not have the file any more");
    case kTooMany:
      return "the server answered 429: too many downloads from here at the moment";
    default:
      return cat("the server answered ", status);
  }
}

}  // namespace

Downloader::Downloader(const PublishedFile& file, std::string url, const PullOptions& options)
    : file_(file), url_(std::move(url)), options_(options) {}

bool Downloader::tick(const PartialFile& partial) {
  const std::uint64_t total = partial.length().value_or(file_.bytes);
  return !options_.progress || options_.progress(file_.name, partial.size(), total);
}

bool Downloader::begin(const HttpHead& head, PartialFile& partial) {
  const bool continues = head.status == kHttpPartial && partial.size() > 0;
  if (continues) {
    const bool same_length = !head.total || !partial.length() || *head.total == *partial.length();
    const bool same_version = validator_of(head).empty() || partial.validator().empty() ||
                              validator_of(head) == partial.validator();
    misplaced_ = head.range_begin != partial.size() || !same_length || !same_version;
    if (misplaced_) return false;
    result_.resumed = true;
  } else {
    // Also 206 to a request for the whole: then it must begin at 0.
    misplaced_ = head.status == kHttpPartial && head.range_begin.value_or(0) != 0;
    if (misplaced_) return false;
    const std::optional<std::uint64_t> length = head.total ? head.total : head.length;
    partial.begin(validator_of(head), length);
    result_.resumed = false;
  }
  const std::uint64_t all = partial.length().value_or(file_.bytes);
  if (all > partial.size()) check_room(partial.path().parent_path(), all - partial.size(), file_.file);
  return true;
}

HttpResult Downloader::attempt(PartialFile& partial) {
  // Without a validator only a hash can tell whether the parts belong together.
  if (partial.size() > 0 && partial.validator().empty() && !has_hash(file_)) partial.discard();
  misplaced_ = false;
  const auto guarded = [&](const auto& body) {
    return [this, body](const auto&... arguments) {
      try {
        return body(arguments...);
      } catch (...) {
        error_ = std::current_exception();
        return false;
      }
    };
  };
  const HttpReceiver receiver{.begin = guarded([&](const HttpHead& head) { return begin(head, partial); }),
                              .bytes = guarded([&](std::span<const char> bytes) {
                                partial.append(bytes);
                                return true;
                              }),
                              .tick = guarded([&] { return tick(partial); })};
  HttpResult result = http_get({.url = url_,
                                .from = partial.size(),
                                .validator = partial.validator(),
                                .connect_timeout = options_.connect_timeout,
                                .stall_timeout = options_.stall_timeout},
                               receiver);
  partial.close();
  if (error_) std::rethrow_exception(error_);
  if (!result.head.linked_hash.empty()) result_.linked_hash = result.head.linked_hash;
  if (result.end == HttpResult::End::stopped && !misplaced_)
    fail(ErrorKind::interrupted, "interrupted; the ", partial.size(), " bytes of ", file_.file,
         " that came are kept, graft weights pull ", file_.name, " continues there");
  return result;
}

void Downloader::pause(const PartialFile& partial, int failures, const HttpHead& head) {
  constexpr double kLongest = 30;
  double seconds = std::min(kLongest, options_.first_pause * std::pow(2, failures - 1));
  if (head.retry_after) seconds = std::min(kLongest, std::max(seconds, *head.retry_after));
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    if (!tick(partial)) fail(ErrorKind::interrupted, "interrupted");
    constexpr double kStep = 0.1;
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(kStep, seconds)));
  }
}

std::optional<DownloadFailure> Downloader::fetch(PartialFile& partial) {
  using End = HttpResult::End;
  constexpr int kMostAttempts = 1000;  // a server that sends one byte each time does not keep us for ever
  if (partial.size() > 0 && partial.length() == partial.size()) {
    result_.resumed = true;  // came whole, and was not put in place
    return std::nullopt;
  }
  int failures = 0;
  bool reached = false;
  for (int all = 0; all < kMostAttempts; ++all) {
    const std::uint64_t before = partial.size();
    const HttpResult result = attempt(partial);
    const bool whole = !partial.length() || partial.size() == *partial.length();
    if (result.end == End::complete && whole) return std::nullopt;
    const bool outdated = misplaced_ || result.head.status == kBadRange ||
                          (partial.length() && partial.size() > *partial.length());
    if (outdated) partial.discard();  // and again, from the start
    const bool refused = result.end == End::refused && !outdated && !is_passing(result.head.status);
    if (refused) {
      const bool gone = result.head.status == kNotFound || result.head.status == kGone;
      return DownloadFailure{gone ? ErrorKind::not_found : ErrorKind::io, explained(result.head.status)};
    }
    if (result.end == End::invalid || (result.end == End::unreachable && !reached))
      return DownloadFailure{ErrorKind::io, result.reason};
    reached = true;
    failures = partial.size() > before && !outdated ? 1 : failures + 1;
    if (failures >= options_.attempts) {
      const std::string reason = result.end == End::refused ? explained(result.head.status) : result.reason;
      return DownloadFailure{ErrorKind::io, cat(reason.empty() ? "the file did not come to its end" : reason,
                                                ", ", failures, " times in a row")};
    }
    if (!outdated) pause(partial, failures, result.head);
  }
  return DownloadFailure{ErrorKind::io, "the connection broke too often"};
}

}  // namespace graft::store
