// SPDX-License-Identifier: Apache-2.0
#include "store/partial.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/hash.hpp"

namespace graft::store {
namespace {

namespace fs = std::filesystem;

fs::path partial_path(const Layout& layout, const std::string& url, const char* extension) {
  return layout.partial() / (to_hex(Hasher().add(url).digest()) + extension);
}

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

}  // namespace

fs::path PartialFile::lock_file(const Layout& layout, const std::string& url) {
  return partial_path(layout, url, ".lock");
}

PartialFile::PartialFile(const Layout& layout, std::string url)
    : url_(std::move(url)),
      part_(partial_path(layout, url_, ".part")),
      state_(partial_path(layout, url_, ".json")) {
  make_folder(layout.partial());
  read_state();
}

PartialFile::~PartialFile() { close(); }

void PartialFile::read_state() {
  constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 16U;
  std::error_code error;
  if (!is_regular(part_) || !is_regular(state_) || fs::file_size(state_, error) > kMostBytes || error) return;
  const Json json = Json::parse(read_file(state_, kMostBytes), nullptr, false);
  if (!json.is_object() || !json.contains("url") || json["url"] != url_) return;
  if (json.contains("validator") && json["validator"].is_string())
    validator_ = json["validator"].get<std::string>();
  if (json.contains("length") && json["length"].is_number_unsigned())
    length_ = json["length"].get<std::uint64_t>();
  const std::uintmax_t size = fs::file_size(part_, error);
  size_ = error ? 0 : size;
}

void PartialFile::open() {
  descriptor_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kNewFileMode);
  if (descriptor_ < 0) fail(ErrorKind::io, "cannot open ", part_.string(), ": ", std::strerror(errno));
}

void PartialFile::begin(const std::string& validator, std::optional<std::uint64_t> length) {
  close();
  // Bytes without KEY.json are nothing: a process that is killed here leaves no wrong pair.
  remove_quietly(state_);
  remove_quietly(part_);
  validator_ = validator;
  length_ = length;
  size_ = 0;
  open();
  Json json{{"url", url_}, {"validator", validator}};
  if (length) json["length"] = *length;
  write_file_atomically(state_, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void PartialFile::append(std::span<const char> bytes) {
  if (descriptor_ < 0) open();
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      fail(ErrorKind::io, "cannot write ", part_.string(), ": ", std::strerror(n < 0 ? errno : ENOSPC),
           ". What came so far is kept");
    }
    size_ += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

void PartialFile::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void PartialFile::discard() {
  close();
  remove_quietly(state_);
  remove_quietly(part_);
  size_ = 0;
  validator_.clear();
  length_.reset();
}

void PartialFile::forget() { remove_quietly(state_); }

}  // namespace graft::store
