// SPDX-License-Identifier: Apache-2.0
#include "cli/photos.hpp"

#include <algorithm>
#include <iostream>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

namespace graft::cli {

namespace fs = std::filesystem;

namespace {

void report(const std::vector<data::LeftOut>& left_out) {
  for (const data::LeftOut& file : left_out)
    std::cerr << "graft: " << file.path.string() << ": " << file.reason << '\n';
}

}  // namespace

data::PhotoList list_images(const std::vector<std::string>& names) {
  data::PhotoList result;
  for (const std::string& name : names) {
    std::error_code ignored;
    if (fs::is_directory(name, ignored)) {
      const data::PhotoList found = data::list_photos(name, {.infer_labels = false});
      result.paths.insert(result.paths.end(), found.paths.begin(), found.paths.end());
      result.left_out.insert(result.left_out.end(), found.left_out.begin(), found.left_out.end());
    } else if (fs::exists(name, ignored)) {
      result.paths.emplace_back(name);
    } else {
      fail(ErrorKind::not_found, "there is no file or folder ", name);
    }
  }
  return result;
}

void label_by_folder(const fs::path& folder, data::PhotoList& list) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored) || data::find_layout(folder).has_parts()) return;
  std::vector<std::string> classes;
  for (const fs::path& path : list.paths) {
    const fs::path below = path.lexically_relative(folder);
    if (std::distance(below.begin(), below.end()) < 2) return;
    classes.push_back(below.begin()->string());
  }
  list.class_names = classes;
  std::ranges::sort(list.class_names);
  const auto again = std::ranges::unique(list.class_names);
  list.class_names.erase(again.begin(), again.end());
  for (const std::string& name : classes) {
    const auto at = std::ranges::lower_bound(list.class_names, name);
    list.labels.push_back(static_cast<int>(at - list.class_names.begin()));
  }
}

std::optional<data::PhotoSet> load_images(const data::PhotoList& list,
                                          const data::LoadPhotosOptions& options) {
  data::LoadPhotosOptions tolerant = options;
  tolerant.require_every_class = false;
  // load_photos fails when no photo is left, and a single photo may be broken.
  if (list.paths.size() == 1) {
    try {
      data::PhotoSet photos = data::load_photos(list, tolerant);
      report(photos.left_out());
      return photos;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::bad_file) throw;
      std::cerr << "graft: " << error.what() << '\n';
      return std::nullopt;
    }
  }
  data::PhotoSet photos = data::load_photos(list, tolerant);
  report(photos.left_out());
  return photos;
}

Json left_out_json(const std::vector<data::LeftOut>& left_out) {
  Json result = Json::array();
  for (const data::LeftOut& file : left_out)
    result.push_back({{"file", file.path.string()}, {"reason", file.reason}});
  return result;
}

}  // namespace graft::cli
