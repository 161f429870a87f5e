// SPDX-License-Identifier: Apache-2.0
#include "base/cache_pack.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace graft::cache_detail {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMagic = 0x31'4b'43'41'50'46'52'47;  // "GRFPACK1"
constexpr std::uint64_t kLongestLabel = 4096;
constexpr std::size_t kBuffer = std::size_t{1} << 20;

struct Header {
  std::uint64_t magic = kMagic, label_size = 0;
};
struct Footer {
  std::uint64_t entries = 0;
  std::uint64_t index_checksum = 0;
  std::uint64_t label_checksum = 0;
  std::uint64_t magic = kMagic;
};

template <typename T>
std::span<std::byte> bytes_of(T& value) {
  return std::as_writable_bytes(std::span(&value, 1));
}

/// Blocks are between the label and the index; a broken offset must not lead elsewhere.
bool lies_inside(const std::vector<IndexEntry>& index, std::uint64_t first, std::uint64_t last) {
  for (const IndexEntry& entry : index) {
    if (entry.offset < first || entry.offset > last || entry.size > last - entry.offset) return false;
  }
  return true;
}

}  // namespace

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
OpenFile::OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

bool OpenFile::read(std::uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return true;
}

bool OpenFile::append(std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

std::uint64_t OpenFile::size() const {
  struct stat found {};
  if (::fstat(descriptor_, &found) != 0 || !S_ISREG(found.st_mode)) return 0;
  return static_cast<std::uint64_t>(found.st_size);
}

void OpenFile::touch() const { ::futimens(descriptor_, nullptr); }

std::optional<Pack> open_pack(const fs::path& path) {
  // Not to hang on a pipe of that name.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (descriptor < 0) return std::nullopt;
  Pack pack{.file = OpenFile(descriptor), .label = {}, .index = {}};
  const std::uint64_t size = pack.file.size();
  Header header;
  Footer footer;
  if (size < sizeof header + sizeof footer || !pack.file.read(0, bytes_of(header)) ||
      !pack.file.read(size - sizeof footer, bytes_of(footer))) {
    return std::nullopt;
  }
  const std::uint64_t room = size - sizeof header - sizeof footer;
  if (header.magic != kMagic || footer.magic != kMagic || header.label_size > kLongestLabel ||
      header.label_size > room || footer.entries > (room - header.label_size) / sizeof(IndexEntry)) {
    return std::nullopt;
  }
  pack.label.resize(header.label_size);
  pack.index.resize(footer.entries);
  const auto label = std::as_writable_bytes(std::span(pack.label));
  const auto index = std::as_writable_bytes(std::span(pack.index));
  const std::uint64_t index_at = size - sizeof footer - index.size();
  if (!pack.file.read(sizeof header, label) || checksum(label) != footer.label_checksum ||
      !pack.file.read(index_at, index) || checksum(index) != footer.index_checksum ||
      !lies_inside(pack.index, sizeof header + label.size(), index_at)) {
    return std::nullopt;
  }
  return pack;
}

PackWriter::PackWriter(const fs::path& folder, std::string label) {
  label.resize(std::min<std::size_t>(label.size(), kLongestLabel));
  std::error_code error;
  fs::create_directories(folder, error);
  // The name that is free for the unfinished file is free for the finished one, for all processes.
  std::string name = (folder / (std::string("XXXXXX") + kUnfinishedExtension)).string();
  const int suffix = static_cast<int>(std::string_view(kUnfinishedExtension).size());
  const int descriptor = ::mkostemps(name.data(), suffix, O_CLOEXEC);
  if (descriptor < 0) return;
  file_.emplace(descriptor);
  unfinished_ = name;
  path_ = fs::path(name).replace_extension("");
  path_ += "-" + std::to_string(::getpid()) + kPackExtension;
  Header header;
  header.label_size = label.size();
  good_ = true;
  write(bytes_of(header));
  write(std::as_bytes(std::span(label)));
  label_checksum_ = checksum(std::as_bytes(std::span(label)));
}

PackWriter::~PackWriter() {
  if (!unfinished_.empty()) ::unlink(unfinished_.c_str());
}

bool PackWriter::write(std::span<const std::byte> bytes) {
  if (!good_) return false;
  if (buffer_.size() + bytes.size() > kBuffer) {
    good_ = file_->append(buffer_);
    buffer_.clear();
  }
  if (bytes.size() >= kBuffer) {
    good_ = good_ && file_->append(bytes);
  } else {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  }
  offset_ += bytes.size();
  return good_;
}

bool PackWriter::add(const Hash128& key, std::span<const std::byte> bytes) {
  const IndexEntry entry{.key = key, .offset = offset_, .size = bytes.size(), .checksum = checksum(bytes)};
  if (!write(bytes)) return false;
  index_.push_back(entry);
  return true;
}

bool PackWriter::finish() {
  const auto index = std::as_bytes(std::span(index_));
  Footer footer;
  footer.entries = index_.size();
  footer.index_checksum = checksum(index);
  footer.label_checksum = label_checksum_;
  write(index);
  write(bytes_of(footer));
  good_ = good_ && file_->append(buffer_);
  buffer_.clear();
  // Not flushed to the disk: after a power cut checksums show which blocks are intact; the others are
  // computed again.
  good_ = good_ && std::rename(unfinished_.c_str(), path_.c_str()) == 0;
  if (good_) unfinished_.clear();
  return good_;
}

}  // namespace graft::cache_detail
