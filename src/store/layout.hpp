// SPDX-License-Identifier: Apache-2.0
// What is where in a store:
//   blobs/sha256/HASH     content, read-only
//   names/NAME/FILE       links to it; config.json beside timm's
//   records/NAME.json     its hash and origin; stays when the name is removed
//   partial/KEY.part      an unfinished download, with KEY.json and KEY.lock
//   catalogues/*.tsv      the user's own
//   lock                  held while names and blobs change
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "graft/base/json.hpp"
#include "graft/weights_store.hpp"

namespace graft {
inline namespace store {

inline constexpr const char* kConfigName = "config.json";

/// What is known about a name since its content came.
struct Record {
  std::string name, file, sha256;
  std::uint64_t bytes = 0;
  std::string origin;  ///< an address, or a file's path
  std::string licence;
};
[[nodiscard]] Json to_json(const Record& record);
/// Nothing where a member is missing or no name of a file.
[[nodiscard]] std::optional<Record> record_from(const Json& json);

/// The paths in one store.
class Layout {
 public:
  explicit Layout(std::filesystem::path home) : home_(std::move(home)) {}

  [[nodiscard]] const std::filesystem::path& home() const { return home_; }
  [[nodiscard]] std::filesystem::path blobs() const { return home_ / "blobs" / "sha256"; }
  [[nodiscard]] std::filesystem::path blob(const std::string& sha256) const { return blobs() / sha256; }
  [[nodiscard]] std::filesystem::path names() const { return home_ / "names"; }
  [[nodiscard]] std::filesystem::path link(const std::string& name, const std::string& file) const {
    return names() / name / file;
  }
  [[nodiscard]] std::filesystem::path partial() const { return home_ / "partial"; }
  [[nodiscard]] std::filesystem::path lock() const { return home_ / "lock"; }
  [[nodiscard]] std::filesystem::path record_file(const std::string& name) const {
    return home_ / "records" / (name + ".json");
  }

  /// The record of a name; nothing without one. A broken record is Error{bad_file} that says what to do.
  [[nodiscard]] std::optional<Record> record(const std::string& name) const;
  /// All links in names/, by name: content may be missing.
  [[nodiscard]] std::vector<StoredWeights> all() const;

 private:
  std::filesystem::path home_;
};

/// Of new files, before the umask.
inline constexpr mode_t kNewFileMode = 0666;

[[nodiscard]] bool is_regular(const std::filesystem::path& path);
/// create_directories() with an Error{io}.
void make_folder(const std::filesystem::path& folder);
/// Flushes a file or folder to the disk. Error{io}.
void flush(const std::filesystem::path& path);

}  // namespace store
}  // namespace graft
