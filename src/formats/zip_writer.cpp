// SPDX-License-Identifier: Apache-2.0
#include "formats/zip_writer.hpp"

#include <memory>

#include <zip.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/error.hpp"

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

void add(zip_t* archive, const ZipContent& entry) {
  zip_source_t* source = zip_source_buffer(archive, entry.bytes.data(), entry.bytes.size(), 0);
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
