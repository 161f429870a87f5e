// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/npz.hpp"

#include <deque>
#include <set>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "formats/numpy/npy_format.hpp"
#include "formats/zip/reader.hpp"
#include "formats/zip/writer.hpp"

namespace graft::formats {
namespace {

constexpr std::string_view kEnding = ".npy";

}  // namespace

StoredTensors open_npz(const std::filesystem::path& path) {
  const auto zip = std::make_shared<ZipReader>(path, "a numpy archive (.npz)");
  StoredTensors result;
  for (const ZipEntry& entry : zip->entries()) {
    if (!entry.name.ends_with(kEnding)) {
      fail(ErrorKind::bad_file, zip->name(), ": entry '", printable(entry.name),
           "' is not a .npy file, so this is not a numpy archive (.npz)");
    }
    StoredTensor tensor = open_npy(ZipReader::open(zip, entry));
    tensor.path = entry.name.substr(0, entry.name.size() - kEnding.size());
    result.push_back(std::move(tensor));
  }
  return result;
}

NamedTensors read_npz(const std::filesystem::path& path) { return read_all(open_npz(path)); }

void write_npz(const std::filesystem::path& path, const NamedTensors& tensors) {
  write_npz(path, tensors, {});
}

void write_npz(const std::filesystem::path& path, const NamedTensors& tensors,
               const std::vector<NamedTexts>& texts) {
  std::set<std::string_view> names;
  std::deque<std::string> heads;
  std::vector<ZipContent> entries;
  const auto check_name = [&](const std::string& name) {
    check_entry_name(name);
    if (!names.insert(name).second) fail(ErrorKind::invalid_argument, "the name '", name, "' is used twice");
  };
  for (const NamedTensor& tensor : tensors) {
    check_name(tensor.path);
    heads.push_back(npy_head(tensor.tensor));
    const std::string_view elements =
        tensor.tensor.empty()
            ? std::string_view()
            : std::string_view(static_cast<const char*>(tensor.tensor.raw()), tensor.tensor.size_bytes());
    entries.push_back({.name = tensor.path + std::string(kEnding), .pieces = {heads.back(), elements}});
  }
  for (const NamedTexts& list : texts) {
    check_name(list.path);
    heads.push_back(npy_of_texts(list.texts));
    entries.push_back({.name = list.path + std::string(kEnding), .pieces = {heads.back()}});
  }
  write_zip(path, entries);
}

}  // namespace graft::formats
