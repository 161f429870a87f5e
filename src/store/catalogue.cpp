// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <set>
#include <unordered_map>

#include "graft/base/fail.hpp"
#include "graft/base/folders.hpp"
#include "graft/base/read_file.hpp"
#include "graft/weights_store.hpp"

#include "store/parse_catalogue.hpp"
#include "weights_tsv.hpp"

namespace graft::store {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostCatalogueBytes = std::uintmax_t{16} << 20U;

/// Licences that allow copies to be passed on, by their SPDX names.
constexpr std::array kOpenLicences{"Apache-2.0",      "MIT",       "BSD-2-Clause", "BSD-3-Clause",
                                   "CC-BY-4.0",       "CC-BY-3.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0",
                                   "CC-BY-NC-SA-4.0", "CC0-1.0",   "ISC",          "Unlicense"};

std::vector<fs::path> user_catalogues() {
  std::vector<fs::path> files = paths_from_environment("GRAFT_CATALOGUE");
  std::vector<fs::path> in_home;
  std::error_code error;
  for (fs::directory_iterator entry(weights_home() / "catalogues", error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".tsv") in_home.push_back(entry->path());
  }
  std::ranges::sort(in_home);
  files.insert(files.end(), in_home.begin(), in_home.end());
  return files;
}

}  // namespace

std::optional<bool> PublishedFile::may_be_passed_on() const {
  if (redistribution) return redistribution;
  if (licence.empty()) return std::nullopt;
  return std::ranges::find(kOpenLicences, licence) != kOpenLicences.end();
}

std::span<const PublishedFile> published_files() {
  static const std::vector<PublishedFile> files = parse_catalogue(kWeightsTsv, "data/weights.tsv");
  return files;
}

const PublishedFile* published_file_named(std::string_view file) {
  static const auto by_file = [] {
    std::unordered_map<std::string_view, const PublishedFile*> map;
    for (const PublishedFile& row : published_files()) map.try_emplace(row.file, &row);
    return map;
  }();
  const auto found = by_file.find(file);
  return found == by_file.end() ? nullptr : found->second;
}

std::vector<PublishedFile> read_catalogue(const fs::path& path) {
  return parse_catalogue(read_file(path, kMostCatalogueBytes), path.string());
}

std::vector<PublishedFile> known_files() {
  std::vector<PublishedFile> files;
  std::set<std::string> names;
  for (const fs::path& path : user_catalogues()) {
    for (PublishedFile& row : read_catalogue(path)) {
      if (names.insert(row.name).second) files.push_back(std::move(row));
    }
  }
  for (const PublishedFile& row : published_files()) {
    if (!names.contains(row.name)) files.push_back(row);
  }
  return files;
}

std::optional<PublishedFile> look_up_published_file(std::string_view name) {
  const std::vector<PublishedFile> files = known_files();
  if (const auto exact = std::ranges::find(files, name, &PublishedFile::name); exact != files.end())
    return *exact;
  const auto without_publisher = [&](const PublishedFile& row) {
    return row.name.size() > name.size() && row.name.ends_with(name) &&
           row.name[row.name.size() - name.size() - 1] == '/';
  };
  if (!name.empty() && std::ranges::count_if(files, without_publisher) == 1)
    return *std::ranges::find_if(files, without_publisher);
  if (const auto file = std::ranges::find(files, name, &PublishedFile::file); file != files.end())
    return *file;
  return std::nullopt;
}

std::vector<PublishedFile> other_sizes_of(const PublishedFile& file) {
  const std::string size = cat("_", file.image_size);
  const std::size_t at = file.name.find(size);
  std::vector<PublishedFile> others;
  if (file.image_size == 0 || at == std::string::npos) return others;
  for (PublishedFile& row : known_files()) {
    std::string name = file.name;
    name.replace(at, size.size(), cat("_", row.image_size));
    if (row.name == name && row.image_size != file.image_size) others.push_back(std::move(row));
  }
  std::ranges::sort(others, {}, &PublishedFile::image_size);
  return others;
}

}  // namespace graft::store
