// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/archive.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <optional>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "formats/input_file.hpp"
#include "formats/zip/reader.hpp"

namespace graft::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = 512;
constexpr std::size_t kMagicAt = 257;
/// The most that deflate can shrink.
constexpr std::uint64_t kMostDeflated = 1032;

bool is_zip(std::string_view head) {
  return head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06");
}

/// A tar header says what the sum of its own bytes is.
bool has_tar_checksum(std::string_view block) {
  if (block.size() < kBlock) return false;
  unsigned sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i)
    sum += i >= 148 && i < 156 ? static_cast<unsigned>(' ') : static_cast<unsigned char>(block[i]);
  unsigned claimed = 0;
  std::string_view digits = block.substr(148, 8);
  digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), claimed, 8);
  return error == std::errc() && end != digits.data() && sum == claimed;
}

bool is_tar(std::string_view head) {
  return head.size() >= kBlock && has_tar_checksum(head.substr(0, kBlock));
}

/// A field up to its first zero byte.
std::string text_of(std::string_view field) { return std::string(field.substr(0, field.find('\0'))); }

class ZipArchive final : public Archive {
 public:
  explicit ZipArchive(const fs::path& file)
      : Archive(file.string()), reader_(file, "a zip archive", kLargestMember) {
    for (const ZipEntry& entry : reader_.entries())
      add({.name = entry.name,
           .size = entry.size,
           .place = static_cast<std::uint64_t>(&entry - reader_.entries().data())});
    std::uint64_t most = kMostDeflated * reader_.file_size();
    for (const ZipEntry& entry : reader_.entries()) {
      if (entry.size > most)
        fail(ErrorKind::resource_limit, name(), " claims to unpack to more than ", kMostDeflated,
             " times its size, which no honest zip archive does; refused as a possible zip bomb");
      most -= entry.size;
    }
  }

 private:
  [[nodiscard]] std::string read_member(const ArchiveMember& member) const override {
    const std::lock_guard lock(mutex_);  // libzip: one user at a time
    return reader_.read(reader_.entries()[member.place]);
  }

  mutable std::mutex mutex_;
  mutable ZipReader reader_;
};

/// POSIX's ustar with GNU's and pax's long names. Nothing of it is compressed: a member is a piece of the
/// file.
class TarArchive final : public Archive {
 public:
  explicit TarArchive(const fs::path& file) : Archive(file.string()), file_(file) { index(); }

 private:
  void index() {
    std::uint64_t at = 0;
    while (at + kBlock <= file_.size()) {
      std::string block(kBlock, '\0');
      file_.read(at, block);
      if (block.find_first_not_of('\0') == std::string::npos) return;  // the end
      if (!has_tar_checksum(block)) broken(at, "a header's checksum is wrong");
      at = take(block, at + kBlock);
    }
    if (at != file_.size()) broken(at, "it ends within a member");
  }

  /// One member with its header. Returns where the next header is.
  std::uint64_t take(const std::string& block, std::uint64_t data) {
    const std::uint64_t size = size_.value_or(number(std::string_view(block).substr(124, 12), data));
    if (size > file_.size() || data > file_.size() - size) broken(data, "it ends within a member");
    const char kind = block[156];
    std::string name = text_of(std::string_view(block).substr(0, 100));
    if (std::string_view(block).substr(kMagicAt, 6) == std::string_view("ustar\0", 6)) {
      const std::string prefix = text_of(std::string_view(block).substr(345, 155));
      if (!prefix.empty()) name = prefix + "/" + name;
    }
    if (kind == 'L' || kind == 'x') {
      read_long_name(kind, data, size);
    } else {
      if (kind == '0' || kind == '\0' || kind == '7') {
        if (!long_name_.empty()) name = long_name_;
        if (!name.ends_with('/')) add({.name = name, .size = size, .place = data});
      } else if (kind == 'S') {
        fail(ErrorKind::unsupported, this->name(), ": '", printable(name),
             "' is a sparse file of GNU tar; pack it again");
      }
      long_name_.clear();
      size_.reset();
    }
    const bool has_data = kind != '1' && kind != '2' && kind != '5';
    return data + (has_data ? (size + kBlock - 1) / kBlock * kBlock : 0);
  }

  /// GNU's L holds the name itself, pax's x lines of "LENGTH key=value".
  void read_long_name(char kind, std::uint64_t data, std::uint64_t size) {
    constexpr std::uint64_t kLongest = 1U << 16U;
    if (size > kLongest) broken(data, "a name is too long");
    std::string text(size, '\0');
    file_.read(data, text);
    if (kind == 'L') {
      long_name_ = text_of(text);
      return;
    }
    for (std::size_t at = 0; at < text.size();) {
      std::size_t length = 0;
      const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), length);
      const auto digits = static_cast<std::size_t>(end - text.data()) - at;
      if (error != std::errc() || length <= digits + 1 || length > text.size() - at)
        broken(data, "a pax header is broken");
      const std::string_view record = std::string_view(text).substr(at + digits + 1, length - digits - 2);
      if (record.starts_with("path=")) long_name_ = text_of(record.substr(5));
      if (record.starts_with("size=")) {
        std::uint64_t value = 0;
        const std::string_view figures = record.substr(5);
        if (std::from_chars(figures.data(), figures.data() + figures.size(), value).ec != std::errc())
          broken(data, "a pax header is broken");
        size_ = value;
      }
      at += length;
    }
  }

  /// Octal digits, or with the highest bit set a binary number.
  [[nodiscard]] std::uint64_t number(std::string_view field, std::uint64_t at) const {
    std::uint64_t value = 0;
    if ((static_cast<unsigned char>(field[0]) & 0x80U) != 0) {
      for (std::size_t i = 1; i < field.size(); ++i) {
        if (value >> 55U != 0) broken(at, "a size is impossible");
        value = value << 8U | static_cast<unsigned char>(field[i]);
      }
      return value;
    }
    field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value, 8);
    if (error != std::errc() && end == field.data()) broken(at, "a size is no number");
    return value;
  }

  [[noreturn]] void broken(std::uint64_t at, const char* why) const {
    fail(ErrorKind::bad_file, name(), " is a truncated or broken tar archive: ", why, ", at byte ", at,
         " of ", file_.size(), ". Fetch or pack it again");
  }

  [[nodiscard]] std::string read_member(const ArchiveMember& member) const override {
    std::string bytes(member.size, '\0');
    file_.read(member.place, bytes);
    return bytes;
  }

  InputFile file_;
  std::string long_name_;              ///< of the next member
  std::optional<std::uint64_t> size_;  ///< the same
};

/// Why a name is none that an honest archive of photos has; null: it may be.
const char* fault_of(std::string_view name) {
  if (name.empty() || name.front() == '/' || (name.size() > 1 && name[1] == ':'))
    return "leads out of the archive";
  if (std::ranges::any_of(
          name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\'; }))
    return "holds a control character or \\";
  for (const std::string& part : split(name, '/')) {
    if (part == "..") return "leads out of the archive";
    if (part.empty() || part == ".") return "has an empty part";
  }
  return nullptr;
}

/// Of the operating system, or hidden.
bool is_passed_by(std::string_view name) {
  return std::ranges::any_of(
      split(name, '/'), [](const std::string& part) { return part.starts_with('.') || part == "__MACOSX"; });
}

}  // namespace

bool Archive::is_archive(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return false;
  try {
    const std::string head = InputFile(file).head(kBlock);
    return is_zip(head) || is_tar(head);
  } catch (const Error&) {
    return false;
  }
}

std::unique_ptr<Archive> Archive::open(const fs::path& file) {
  const std::string head = InputFile(file).head(kBlock);
  if (is_zip(head)) return std::make_unique<ZipArchive>(file);
  if (is_tar(head)) return std::make_unique<TarArchive>(file);
  constexpr std::array<std::string_view, 3> kCompressed{"\x1F\x8B", "BZh", "\x28\xB5\x2F\xFD"};
  if (std::ranges::any_of(kCompressed, [&](std::string_view magic) { return head.starts_with(magic); })) {
    fail(ErrorKind::unsupported, file.string(),
         " is compressed as a whole, so that no photo in it can be read by itself; unpack it, or pack a .zip "
         "or plain "
         ".tar");
  }
  fail(ErrorKind::bad_file, file.string(), " is neither a zip nor a tar archive");
}

const ArchiveMember* Archive::find(const std::string& name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &members_[found->second];
}

std::string Archive::read(const ArchiveMember& member) const {
  if (member.size > kLargestMember) {
    fail(ErrorKind::resource_limit, "it claims to unpack to ", member.size, " bytes; allowed are ",
         kLargestMember);
  }
  return read_member(member);
}

void Archive::add(ArchiveMember member) {
  while (member.name.starts_with("./")) member.name.erase(0, 2);
  if (const char* fault = fault_of(member.name)) {
    fail(ErrorKind::bad_file, name_, ": the name '", printable(member.name), "' ", fault,
         "; no honest archive has it, so that nothing of it is used");
  }
  if (is_passed_by(member.name)) return;
  if (!places_.emplace(member.name, members_.size()).second) {
    fail(ErrorKind::bad_file, name_, " has two files of the name '", printable(member.name),
         "', and programs differ in which they read; pack it again");
  }
  members_.push_back(std::move(member));
}

}  // namespace graft::formats
