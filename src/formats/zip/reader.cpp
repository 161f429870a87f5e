// SPDX-License-Identifier: Apache-2.0
#include "formats/zip/reader.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

namespace graft::formats {
namespace {

// Weights are stored as they are or hardly shrink; this leaves room for files full of zeros.
constexpr std::uint64_t kMaxUnpackedRatio = 16;
constexpr std::size_t kDirectoryEnd = 22;
constexpr std::size_t kDirectoryEntry = 46;

std::uint64_t little_endian(const std::string& bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

/// The number of entries that a zip64 directory end claims; its locator holds its position
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

/// The most entries that the archive's directory may claim, from its last bytes: libzip makes room for
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

ZipReader::ZipReader(const std::filesystem::path& path, std::string_view wanted, std::uint64_t largest_entry,
                     bool behind_others)
    : name_(path.string()), largest_entry_(largest_entry) {
  const InputFile source(path);
  file_size_ = source.size();
  budget_ = UnpackBudget(file_size_, kMaxUnpackedRatio);
  const std::string head = source.head(4);
  if (!behind_others && head != "PK\x03\x04" && head != "PK\x05\x06") fail_wrong_format(source, wanted);
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

void ZipReader::charge(const ZipEntry& entry) {
  if (largest_entry_ > 0 ? entry.size <= largest_entry_ : budget_.take(entry.size)) return;
  fail(ErrorKind::resource_limit, name_, ": entry '", printable(entry.name), "' claims to unpack to ",
       entry.size, " bytes, more than a file of ", file_size_,
       " bytes should hold; refused as a possible zip bomb");
}

ZipReader::OpenEntry ZipReader::open_entry(const ZipEntry& entry) {
  OpenEntry file(zip_fopen_index(archive_.get(), entry.index, 0));
  if (file) return file;
  fail(ErrorKind::bad_file, name_, ": entry '", printable(entry.name),
       "' cannot be opened: ", zip_strerror(archive_.get()));
}

void ZipReader::fail_entry(const ZipEntry& entry, zip_file_t* file) const {
  const bool failed = zip_error_code_zip(zip_file_get_error(file)) != ZIP_ER_OK;
  const std::string reason = failed ? zip_file_strerror(file) : "its size differs from the directory's";
  fail(ErrorKind::bad_file, name_, ": entry '", printable(entry.name), "' is truncated or broken: ", reason,
       ". Fetch it again");
}

void ZipReader::check_end(const ZipEntry& entry, zip_file_t* file) const {
  char beyond = 0;
  if (zip_fread(file, &beyond, 1) != 0) fail_entry(entry, file);
}

void ZipReader::fill(const ZipEntry& entry, zip_file_t* file, std::span<char> out) const {
  while (!out.empty()) {
    const zip_int64_t got = zip_fread(file, out.data(), out.size());
    if (got <= 0) fail_entry(entry, file);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

void ZipReader::verify(const ZipEntry& entry) {
  charge(entry);
  const OpenEntry file = open_entry(entry);
  std::string block(static_cast<std::size_t>(std::min<std::uint64_t>(entry.size, 1U << 20U)), '\0');
  for (std::uint64_t done = 0; done < entry.size;) {
    const std::uint64_t count = std::min<std::uint64_t>(block.size(), entry.size - done);
    fill(entry, file.get(), {block.data(), static_cast<std::size_t>(count)});
    done += count;
  }
  check_end(entry, file.get());
}

std::string ZipReader::read(const ZipEntry& entry) {
  charge(entry);
  const OpenEntry file = open_entry(entry);
  std::string bytes(static_cast<std::size_t>(entry.size), '\0');
  fill(entry, file.get(), bytes);
  check_end(entry, file.get());
  return bytes;
}

bool ZipReader::is_plain(const ZipEntry& entry) {
  zip_stat_t status;
  zip_stat_init(&status);
  return zip_stat_index(archive_.get(), entry.index, 0, &status) == 0 &&
         (status.valid & ZIP_STAT_COMP_METHOD) != 0 && status.comp_method == ZIP_CM_STORE;
}

class ZipEntrySource : public ByteSource {
 public:
  ZipEntrySource(std::shared_ptr<ZipReader> reader, const ZipEntry& entry)
      : ByteSource(cat(reader->name(), ": ", printable(entry.name))),
        reader_(std::move(reader)),
        entry_(entry),
        plain_(reader_->is_plain(entry)) {
    reader_->charge(entry_);
  }
  [[nodiscard]] std::uint64_t size() const override { return entry_.size; }

 private:
  void rewind() const {
    file_ = reader_->open_entry(entry_);
    position_ = 0;
  }

  void go_to(std::uint64_t offset) const {
    if (offset == position_) return;
    if (plain_) {
      if (zip_fseek(file_.get(), static_cast<zip_int64_t>(offset), SEEK_SET) != 0)
        reader_->fail_entry(entry_, file_.get());
      position_ = offset;
      return;
    }
    if (offset < position_) rewind();
    std::string block(1U << 16U, '\0');
    while (position_ < offset) {
      const std::uint64_t wanted = std::min<std::uint64_t>(block.size(), offset - position_);
      take({block.data(), static_cast<std::size_t>(wanted)});
    }
  }

  void take(std::span<char> out) const {
    reader_->fill(entry_, file_.get(), out);
    position_ += out.size();
    if (position_ == entry_.size) reader_->check_end(entry_, file_.get());
  }

  void read_inside(std::uint64_t offset, std::span<char> out) const override {
    if (!file_) rewind();
    go_to(offset);
    take(out);
    // The end has been checked; thousands of open entries would take their memory.
    if (position_ == entry_.size) file_.reset();
  }

  std::shared_ptr<ZipReader> reader_;
  ZipEntry entry_;
  bool plain_;
  mutable ZipReader::OpenEntry file_;
  mutable std::uint64_t position_ = 0;
};

std::unique_ptr<ByteSource> ZipReader::open(const std::shared_ptr<ZipReader>& reader, const ZipEntry& entry) {
  return std::make_unique<ZipEntrySource>(reader, entry);
}

}  // namespace graft::formats
