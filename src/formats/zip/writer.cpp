// SPDX-License-Identifier: Apache-2.0
#include "formats/zip/writer.hpp"

#include <memory>

#include <zip.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"

namespace graft::formats {
namespace {

// 1 January 1980, 0:00, the first that a zip can name, in MS-DOS's packing.
constexpr zip_uint16_t kDate = (1U << 5U) | 1U;
constexpr zip_uint16_t kTime = 0;
// A regular file, rw-r--r--.
constexpr zip_uint32_t kAttributes = 0100644U << 16U;

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};

zip_source_t* source_of(zip_t* archive, const ZipContent& entry) {
  if (!entry.file.empty()) return zip_source_file(archive, entry.file.c_str(), 0, -1);
  std::vector<zip_buffer_fragment_t> fragments;
  for (const std::string_view piece : entry.pieces) {
    if (piece.empty()) continue;
    // libzip only reads; its interface forgot the const.
    auto* bytes = reinterpret_cast<zip_uint8_t*>(const_cast<char*>(piece.data()));
    fragments.push_back({bytes, piece.size()});
  }
  if (fragments.empty()) return zip_source_buffer(archive, nullptr, 0, 0);
  return zip_source_buffer_fragment(archive, fragments.data(), fragments.size(), 0);
}

void add(zip_t* archive, const ZipContent& entry) {
  zip_source_t* source = source_of(archive, entry);
  if (source == nullptr) fail(ErrorKind::io, "cannot add '", entry.name, "': ", zip_strerror(archive));
  const zip_int64_t added = zip_file_add(archive, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (added < 0) {
    zip_source_free(source);
    fail(ErrorKind::invalid_argument, "cannot add '", entry.name, "' to an archive: ", zip_strerror(archive));
  }
  const auto index = static_cast<zip_uint64_t>(added);
  zip_set_file_compression(archive, index, ZIP_CM_STORE, 0);
  zip_file_set_dostime(archive, index, kTime, kDate, 0);
  zip_file_set_external_attributes(archive, index, 0, ZIP_OPSYS_UNIX, kAttributes);
}

}  // namespace

void check_entry_name(const std::string& name) {
  const bool climbs = name == ".." || name.starts_with("../") || name.ends_with("/..") ||
                      name.find("/../") != std::string::npos;
  const bool plain = !name.empty() && name.find_first_of(std::string_view("\\:\0", 3)) == std::string::npos;
  if (climbs || !plain || name.front() == '/' || name.back() == '/') {
    fail(ErrorKind::invalid_argument, "'", name,
         "' cannot name an entry of an archive, expected a relative name such as assets/labels.txt");
  }
}

void write_zip(const std::filesystem::path& path, const std::vector<ZipContent>& entries) {
  AtomicFile file(path);
  int code = 0;
  std::unique_ptr<zip_t, Discard> archive(
      zip_open(file.temporary_path().c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  if (!archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    fail(ErrorKind::io, "cannot write ", path.string(), ": ", reason);
  }
  for (const ZipContent& entry : entries) add(archive.get(), entry);
  if (zip_close(archive.get()) != 0) {
    fail(ErrorKind::io, "cannot write ", path.string(), ": ", zip_strerror(archive.get()));
  }
  // zip_close() freed it.
  static_cast<void>(archive.release());  // NOLINT(bugprone-unused-return-value)
  file.commit();
}

}  // namespace graft::formats
