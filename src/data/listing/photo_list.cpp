// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <system_error>

#include "graft/base/fail.hpp"
#include "graft/image.hpp"
#include "graft/photos.hpp"

#include "data/listing/files.hpp"
#include "data/listing/folders.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;

/// What one folder holds, hidden entries left out.
struct Folder {
  fs::path path;
  std::vector<std::string> files;
};

bool has_keras_extension(const std::string& name) {
  const std::string lower = to_lower(name);
  constexpr std::array<std::string_view, 5> kExtensions{".bmp", ".gif", ".jpeg", ".jpg", ".png"};
  return std::any_of(kExtensions.begin(), kExtensions.end(),
                     [&](std::string_view extension) { return lower.ends_with(extension); });
}

/// All folders below one, itself included. `above` holds the real paths that lead to it, so that a link to
/// one of them ends the walk.
void walk(const fs::path& path, bool follow_links, std::set<fs::path>& above, std::vector<Folder>& found) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error || !above.insert(real).second) return;
  Folder folder{.path = path};
  std::vector<fs::path> below;
  for (fs::directory_iterator entry(path, fs::directory_options::skip_permission_denied, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(".")) continue;
    std::error_code ignored;
    if (!entry->is_directory(ignored)) {
      folder.files.push_back(name);
    } else if (follow_links || !entry->is_symlink(ignored)) {
      below.push_back(entry->path());
    }
  }
  std::sort(folder.files.begin(), folder.files.end());
  found.push_back(std::move(folder));
  for (const fs::path& next : below) walk(next, follow_links, above, found);
  above.erase(real);
}

/// Adds the candidates below a folder to the list.
void add_files(const fs::path& path, bool follow_links, PhotoList& list) {
  std::set<fs::path> above;
  std::vector<Folder> folders;
  walk(path, follow_links, above, folders);
  std::sort(folders.begin(), folders.end(),
            [](const Folder& a, const Folder& b) { return a.path.string() < b.path.string(); });
  for (const Folder& folder : folders) {
    for (const std::string& name : folder.files) {
      const fs::path file = folder.path / name;
      const bool known = image_format_of(read_head(file, kImageHeadBytes)) != ImageFormat::unknown;
      if (known || has_keras_extension(name)) {
        list.paths.push_back(file);
      } else {
        list.left_out.push_back({.path = file, .reason = "not an image"});
      }
    }
  }
}

std::vector<std::string> chosen_classes(const fs::path& directory, const ListOptions& options) {
  std::vector<std::string> there = visible_folders(directory);
  if (options.class_names.empty()) {
    if (there.empty()) {
      fail(ErrorKind::invalid_argument, directory.string(),
           " has no sub-folders: expected one for each class, with that class's photos in it");
    }
    return there;
  }
  for (const std::string& name : options.class_names) {
    if (std::find(there.begin(), there.end(), name) == there.end())
      fail(ErrorKind::not_found, "class_names: there is not a folder '", name, "' in ", directory.string());
  }
  return options.class_names;
}

}  // namespace

std::string to_lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::vector<std::string> visible_folders(const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error))
    fail(ErrorKind::not_found, directory.string(), ": there is no such folder");
  std::vector<std::string> names;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (!name.starts_with(".") && entry->is_directory(ignored)) names.push_back(name);
  }
  if (error) fail(ErrorKind::io, directory.string(), ": ", error.message());
  std::sort(names.begin(), names.end());
  return names;
}

PhotoList list_photos(const fs::path& directory, const ListOptions& options) {
  PhotoList list;
  if (!options.infer_labels) {
    if (!options.class_names.empty())
      fail(ErrorKind::invalid_argument,
           "class_names can only be given when labels are inferred from folders");
    (void)visible_folders(directory);
    add_files(directory, options.follow_links, list);
    return list;
  }
  list.class_names = chosen_classes(directory, options);
  for (std::size_t label = 0; label < list.class_names.size(); ++label) {
    const std::size_t before = list.paths.size();
    add_files(directory / list.class_names[label], options.follow_links, list);
    if (list.paths.size() == before)
      fail(ErrorKind::bad_file, "class '", list.class_names[label],
           "' has no photo: ", (directory / list.class_names[label]).string(), " holds no image");
    list.labels.resize(list.paths.size(), static_cast<int>(label));
  }
  return list;
}

}  // namespace graft::data
