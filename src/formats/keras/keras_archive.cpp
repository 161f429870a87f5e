// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/keras_archive.hpp"

#include <algorithm>
#include <memory>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "formats/json_text.hpp"
#include "formats/keras/weights_h5_source.hpp"
#include "formats/zip/reader.hpp"
#include "formats/zip/writer.hpp"

namespace graft::formats {
namespace {

constexpr std::string_view kMetadata = "metadata.json";
constexpr std::string_view kConfig = "config.json";
constexpr std::string_view kWeights = "model.weights.h5";

bool is_own_entry(std::string_view name) { return name == kMetadata || name == kConfig || name == kWeights; }

const ZipEntry& need(const ZipReader& zip, std::string_view name) {
  const ZipEntry* entry = zip.find(std::string(name));
  if (entry != nullptr) return *entry;
  if (zip.find("model.weights.json") != nullptr || zip.find("model.weights.npz") != nullptr) {
    fail(ErrorKind::unsupported, zip.name(),
         " keeps its weights in several files or as .npz; save it again with ",
         "model.save() and its defaults");
  }
  fail(ErrorKind::bad_file, zip.name(), " is a zip archive without ", name,
       ", so it is not a .keras file of Keras 3, or it is incomplete");
}

Json read_json_entry(ZipReader& zip, std::string_view name) {
  return parse_json(zip.read(need(zip, name)), cat(zip.name(), ": ", name));
}

class OwnedMemory : public ByteSource {
 public:
  OwnedMemory(std::string bytes, std::string name) : ByteSource(std::move(name)), bytes_(std::move(bytes)) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }

 private:
  void read_inside(std::uint64_t offset, std::span<char> out) const override {
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  }

  std::string bytes_;
};

/// Keras stores the weights uncompressed, so they can be read in place; HDF5 jumps about in them, so what
/// compressed has to be unpacked first.
std::unique_ptr<ByteSource> weights_source(const std::shared_ptr<ZipReader>& zip) {
  const ZipEntry& entry = need(*zip, kWeights);
  if (!zip->is_plain(entry))
    return std::make_unique<OwnedMemory>(zip->read(entry), cat(zip->name(), ": ", entry.name));
  zip->verify(entry);
  return ZipReader::open(zip, entry);
}

void check_extra_name(const std::string& name) {
  check_entry_name(name);
  if (is_own_entry(name)) {
    fail(ErrorKind::invalid_argument, "'", name, "' cannot be an extra entry of a .keras file: Keras has it");
  }
}

}  // namespace

StoredKerasArchive open_keras_archive(const std::filesystem::path& path) {
  const auto zip = std::make_shared<ZipReader>(path, "a .keras file");
  StoredKerasArchive archive;
  archive.config = read_json_entry(*zip, kConfig);
  archive.metadata = read_json_entry(*zip, kMetadata);
  StoredWeightsH5 content = open_weights_h5(weights_source(zip));
  archive.weights = std::move(content.weights);
  archive.group_names = std::move(content.group_names);
  for (const ZipEntry& entry : zip->entries()) {
    if (!is_own_entry(entry.name)) archive.extra[entry.name] = zip->read(entry);
  }
  return archive;
}

KerasArchive read_keras_archive(const std::filesystem::path& path) {
  StoredKerasArchive archive = open_keras_archive(path);
  return {.metadata = std::move(archive.metadata),
          .config = std::move(archive.config),
          .weights = read_all(archive.weights),
          .group_names = std::move(archive.group_names),
          .extra = std::move(archive.extra)};
}

void write_keras_archive(const std::filesystem::path& path, const KerasArchive& archive) {
  for (const auto& [name, bytes] : archive.extra) check_extra_name(name);
  const std::string metadata = json_text(archive.metadata, "the metadata");
  const std::string config = json_text(archive.config, "the model's configuration");
  // HDF5 writes a separate file, which is then copied into the archive, so that the weights are not in memory
  // twice.
  const AtomicFile weights(path.parent_path() / cat(path.filename().string(), ".", kWeights));
  write_weights_h5(weights.temporary_path(), archive.weights, archive.group_names);
  std::vector<ZipContent> entries = {
      {.name = std::string(kMetadata), .pieces = {metadata}},
      {.name = std::string(kConfig), .pieces = {config}},
      {.name = std::string(kWeights), .pieces = {}, .file = weights.temporary_path()}};
  for (const auto& [name, bytes] : archive.extra) entries.push_back({.name = name, .pieces = {bytes}});
  write_zip(path, entries);
}

}  // namespace graft::formats
