// SPDX-License-Identifier: Apache-2.0
#include "graft/formats/keras_archive.hpp"

#include "graft/base/error.hpp"

#include "formats/json_text.hpp"
#include "formats/zip_reader.hpp"
#include "formats/zip_writer.hpp"

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
       ", so it is no .keras file of Keras 3, or it is incomplete");
}

Json read_json_entry(ZipReader& zip, std::string_view name) {
  return parse_json(zip.read(need(zip, name)), cat(zip.name(), ": ", name));
}

void check_extra_name(const std::string& name) {
  const bool climbs = name == ".." || name.starts_with("../") || name.ends_with("/..") ||
                      name.find("/../") != std::string::npos;
  const bool plain = !name.empty() && name.find_first_of(std::string_view("\\:\0", 3)) == std::string::npos;
  if (is_own_entry(name) || climbs || !plain || name.front() == '/' || name.back() == '/') {
    fail(ErrorKind::invalid_argument, "'", name,
         "' cannot be an extra entry of a .keras file, expected a free ",
         "relative name such as assets/labels.txt");
  }
}

}  // namespace

KerasArchive read_keras_archive(const std::filesystem::path& path) {
  ZipReader zip(path, "a .keras file");
  KerasArchive archive;
  archive.config = read_json_entry(zip, kConfig);
  archive.metadata = read_json_entry(zip, kMetadata);
  {
    const std::string bytes = zip.read(need(zip, kWeights));
    WeightsH5 content = read_weights_h5(bytes, cat(zip.name(), ": ", kWeights));
    archive.weights = std::move(content.weights);
    archive.group_names = std::move(content.group_names);
  }
  for (const ZipEntry& entry : zip.entries()) {
    if (!is_own_entry(entry.name)) archive.extra[entry.name] = zip.read(entry);
  }
  return archive;
}

void write_keras_archive(const std::filesystem::path& path, const KerasArchive& archive) {
  for (const auto& [name, bytes] : archive.extra) check_extra_name(name);
  const std::string metadata = json_text(archive.metadata, "the metadata");
  const std::string config = json_text(archive.config, "the model's configuration");
  const std::string weights = write_weights_h5(archive.weights, archive.group_names);
  std::vector<ZipContent> entries = {
      {std::string(kMetadata), metadata}, {std::string(kConfig), config}, {std::string(kWeights), weights}};
  for (const auto& [name, bytes] : archive.extra) entries.push_back({name, bytes});
  write_zip(path, entries);
}

}  // namespace graft::formats
