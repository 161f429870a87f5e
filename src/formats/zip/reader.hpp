// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <zip.h>

#include "formats/input_file.hpp"

namespace graft::formats {

struct ZipEntry {
  std::string name;
  std::uint64_t index = 0;
  /// Unpacked bytes, as the archive claims.
  std::uint64_t size = 0;
};

/// A zip archive open for reading, with bounds on what it may unpack to. Folders are left out of its entries.
/// Errors: Error{not_found}, Error{bad_file}, Error{unsupported}, Error{resource_limit}, naming file and
/// entry.
class ZipReader {
 public:
  /// wanted: what the file should be, for the message when it is not a zip: "a .keras file".
  /// largest_entry: bounds each entry by itself, however often it is read, in place of what all reads
  /// together may unpack to; 0: the latter.
  /// behind_others: the archive follows other bytes in the file.
  ZipReader(const std::filesystem::path& path, std::string_view wanted, std::uint64_t largest_entry = 0,
            bool behind_others = false);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<ZipEntry>& entries() const { return entries_; }
  [[nodiscard]] std::uint64_t file_size() const { return file_size_; }
  /// nullptr when there is none of this name.
  [[nodiscard]] const ZipEntry* find(const std::string& name) const;
  /// The entry's bytes, checked against its size and checksum.
  [[nodiscard]] std::string read(const ZipEntry& entry);
  /// Reads an entry from end to end without keeping it, to check its size and checksum.
  void verify(const ZipEntry& entry);
  /// True when the entry is uncompressed, so that reading at any position is cheap.
  [[nodiscard]] bool is_plain(const ZipEntry& entry);
  /// An entry to read from. Reading it from front to back checks its checksum at the end; going back within
  /// a compressed entry unpacks it again. The source keeps the reader.
  [[nodiscard]] static std::unique_ptr<ByteSource> open(const std::shared_ptr<ZipReader>& reader,
                                                        const ZipEntry& entry);

 private:
  friend class ZipEntrySource;
  struct CloseEntry {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
  };
  using OpenEntry = std::unique_ptr<zip_file_t, CloseEntry>;
  /// Takes the entry's size off what may be unpacked.
  void charge(const ZipEntry& entry);
  [[nodiscard]] OpenEntry open_entry(const ZipEntry& entry);
  void fill(const ZipEntry& entry, zip_file_t* file, std::span<char> out) const;
  [[noreturn]] void fail_entry(const ZipEntry& entry, zip_file_t* file) const;
  /// At the end of an entry: one read more makes libzip compare the checksum.
  void check_end(const ZipEntry& entry, zip_file_t* file) const;
  void list_entries();

  struct Close {
    void operator()(zip_t* archive) const { zip_discard(archive); }
  };
  std::string name_;
  std::uint64_t file_size_ = 0;
  std::uint64_t largest_entry_ = 0;
  UnpackBudget budget_{0, 0};
  std::unique_ptr<zip_t, Close> archive_;
  std::vector<ZipEntry> entries_;
  /// Place in entries_ by name; the first of two of the same name.
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace graft::formats
