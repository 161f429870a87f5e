// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/formats/zip_entries.hpp"

#include "formats/zip/reader.hpp"

namespace graft::formats {

std::vector<std::string> zip_entry_names(const std::filesystem::path& path) {
  const ZipReader zip(path, "a zip archive");
  std::vector<std::string> names;
  for (const ZipEntry& entry : zip.entries()) names.push_back(entry.name);
  return names;
}

std::string read_zip_entry(const std::filesystem::path& path, const std::string& name) {
  ZipReader zip(path, "a zip archive");
  const ZipEntry* entry = zip.find(name);
  if (entry == nullptr) fail(ErrorKind::not_found, path.string(), " has no file ", name);
  return zip.read(*entry);
}

}  // namespace graft::formats
