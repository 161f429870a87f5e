// SPDX-License-Identifier: Apache-2.0
#include "formats/zip_reader.hpp"

#include <algorithm>

#include "graft/base/error.hpp"

namespace graft::formats {
namespace {

// Weights are stored as they are or hardly shrink; this leaves room for files full of zeros.
constexpr std::uint64_t kRatio = 16;
constexpr std::size_t kDirectoryEnd = 22;
constexpr std::size_t kDirectoryEntry = 46;

std::uint64_t little_endian(const std::string& bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

/// The number of entries that a zip64 directory end claims, which lies where its locator says
/// (APPNOTE 4.3.14, 4.3.15).
std::uint64_t claimed_by_zip64(const ByteSource& source, const std::string& tail, std::size_t locator) {
  constexpr std::size_t kLength = 56;
  if (locator + 16 > tail.size()) return 0;
  const std::uint64_t at = little_endian(tail, locator + 8, 8);
  if (at > source.size() || source.size() - at < kLength) return 0;
  std::string end(kLength, '\0');
  source.read(at, end);
  return std::max(little_endian(end, 24, 8), little_endian(end, 32, 8));
}

/// The most entries that the archive's directory may claim, told from its last bytes: libzip makes room for
/// all of them before it reads one.
std::uint64_t claimed_entries(const ByteSource& source) {
  const std::uint64_t count = std::min<std::uint64_t>(source.size(), kDirectoryEnd + 0xFFFF + 76);
  std::string tail(static_cast<std::size_t>(count), '\0');
  source.read(source.size() - count, tail);
  std::uint64_t claimed = 0;
  for (std::size_t at = tail.find("PK"); at != std::string::npos && at + 4 <= tail.size();
       at = tail.find("PK", at + 1)) {
    const std::string_view kind = std::string_view(tail).substr(at + 2, 2);
    if (kind == "\x06\x07") claimed = std::max(claimed, claimed_by_zip64(source, tail, at));
  }
  return claimed;
}

}  // namespace

ZipReader::ZipReader(const std::filesystem::path& path, std::string_view wanted) : name_(path.string()) {
  const InputFile source(path);
  file_size_ = source.size();
  budget_ = UnpackBudget(file_size_, kRatio);
  const std::string head = source.head(4);
  if (head != "PK\x03\x04" && head != "PK\x05\x06") fail_wrong_format(source, wanted);
  int code = 0;
  if (claimed_entries(source) <= file_size_ / kDirectoryEntry) {
    archive_.reset(zip_open(path.c_str(), ZIP_RDONLY, &code));
  }
  if (!archive_) {
    if (code == ZIP_ER_OPEN || code == ZIP_ER_READ) fail(ErrorKind::io, "cannot read ", name_);
    fail(ErrorKind::bad_file, name_, " begins like ", wanted,
         " (a zip archive), but its directory at the end is ",
         "missing or broken; it is probably truncated (", file_size_, " bytes). Fetch it again");
  }
  list_entries();
}

void ZipReader::list_entries() {
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t status;
    zip_stat_init(&status);
    const auto index = static_cast<zip_uint64_t>(i);
    constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE;
    if (zip_stat_index(archive_.get(), index, 0, &status) != 0 || (status.valid & kNeeded) != kNeeded) {
      fail(ErrorKind::bad_file, name_, ": entry ", i, " of the archive is broken");
    }
    const std::string_view entry_name = status.name;
    if (entry_name.ends_with('/')) continue;
    places_.try_emplace(std::string(entry_name), entries_.size());
    entries_.push_back({std::string(entry_name), index, status.size});
  }
}

const ZipEntry* ZipReader::find(const std::string& name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &entries_[found->second];
}

std::string ZipReader::read(const ZipEntry& entry) {
  if (!budget_.take(entry.size)) {
    fail(ErrorKind::resource_limit, name_, ": entry '", entry.name, "' claims to unpack to ", entry.size,
         " bytes, more than a file of ", file_size_, " bytes should hold; refused as a possible zip bomb");
  }
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(
      zip_fopen_index(archive_.get(), entry.index, 0), zip_fclose);
  if (!file) {
    fail(ErrorKind::bad_file, name_, ": entry '", entry.name,
         "' cannot be opened: ", zip_strerror(archive_.get()));
  }
  // One byte more than claimed: libzip compares the checksum when it meets the end.
  std::string bytes(static_cast<std::size_t>(entry.size) + 1, '\0');
  std::size_t done = 0;
  zip_int64_t got = 1;
  while (got > 0 && done < bytes.size()) {
    got = zip_fread(file.get(), bytes.data() + done, bytes.size() - done);
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  if (got < 0 || done != entry.size) {
    const std::string reason =
        got < 0 ? zip_file_strerror(file.get()) : "its size is not what the directory says";
    fail(ErrorKind::bad_file, name_, ": entry '", entry.name, "' is truncated or broken: ", reason,
         ". Fetch it again");
  }
  bytes.pop_back();
  return bytes;
}

}  // namespace graft::formats
