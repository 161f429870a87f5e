// SPDX-License-Identifier: Apache-2.0
#include "store/layout.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"

#include "store/parse_catalogue.hpp"

namespace graft::store {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kMostRecordBytes = std::uintmax_t{1} << 16U;
constexpr std::size_t kSha256Digits = 64;

bool is_sha256(const std::string& text) {
  return text.size() == kSha256Digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || !found->is_string() ? "" : found->get<std::string>();
}

}  // namespace

Json to_json(const Record& record) {
  return {{"name", record.name},   {"file", record.file},     {"sha256", record.sha256},
          {"bytes", record.bytes}, {"origin", record.origin}, {"licence", record.licence}};
}

std::optional<Record> record_from(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  Record record{.name = text_of(json, "name"),
                .file = text_of(json, "file"),
                .sha256 = text_of(json, "sha256"),
                .origin = text_of(json, "origin"),
                .licence = text_of(json, "licence")};
  const auto bytes = json.find("bytes");
  if (bytes != json.end() && bytes->is_number_unsigned()) record.bytes = bytes->get<std::uint64_t>();
  const bool safe = is_safe_name(record.name) && is_safe_name(record.file) &&
                    record.file.find('/') == std::string::npos && is_sha256(record.sha256);
  return safe ? std::optional(record) : std::nullopt;
}

bool is_regular(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error && !fs::is_directory(folder))
    fail(ErrorKind::io, "cannot make the folder ", folder.string(), ": ", error.message());
}

void flush(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(ErrorKind::io, "cannot open ", path.string(), ": ", std::strerror(errno));
  const int result = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  if (result != 0 && reason != EINVAL)
    fail(ErrorKind::io, "cannot write ", path.string(), " to the disk: ", std::strerror(reason));
}

std::optional<Record> Layout::record(const std::string& name) const {
  const fs::path path = record_file(name);
  if (!is_regular(path)) return std::nullopt;
  const Json json = Json::parse(read_file(path, kMostRecordBytes), nullptr, false);
  std::optional<Record> record = record_from(json);
  if (!record)
    fail(ErrorKind::bad_file, path.string(), " is no record of weights; remove it: graft weights remove ",
         name, " --forget");
  return record;
}

std::vector<StoredWeights> Layout::all() const {
  std::vector<StoredWeights> result;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(names(), error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_symlink(ignored)) continue;
    const fs::path& path = entry->path();
    StoredWeights stored{.name = path.parent_path().lexically_relative(names()).generic_string(),
                         .path = path,
                         .sha256 = fs::read_symlink(path, ignored).filename().string()};
    const std::uintmax_t bytes = fs::file_size(path, ignored);
    stored.bytes = ignored ? 0 : bytes;
    try {
      if (const std::optional<Record> known = record(stored.name)) {
        stored.origin = known->origin;
        stored.licence = known->licence;
      }
    } catch (const Error&) {
      stored.origin = "";  // verify_weights() reports the record
    }
    result.push_back(std::move(stored));
  }
  std::ranges::sort(result, {}, &StoredWeights::name);
  return result;
}

}  // namespace graft::store
