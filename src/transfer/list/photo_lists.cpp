// SPDX-License-Identifier: Apache-2.0
#include "transfer/list/photo_lists.hpp"

#include "graft/base/fail.hpp"

namespace graft::transfer {

Folders find_folders(const std::filesystem::path& photos, const TrainOptions& options) {
  Folders folders{photos, options.validation, options.test};
  const data::Layout layout = data::find_layout(photos);
  if (!layout.has_parts()) return folders;
  folders.train = *layout.train;
  if (folders.validation.empty() && layout.validation) folders.validation = *layout.validation;
  if (folders.test.empty() && layout.test) folders.test = *layout.test;
  return folders;
}

PhotoLists list_parts(const std::filesystem::path& photos, const TrainOptions& options) {
  const Folders folders = find_folders(photos, options);
  PhotoLists lists{.folders = folders, .train = data::list_photos(folders.train)};
  const std::vector<std::string>& classes = lists.train.class_names;
  if (classes.size() < 2) {
    fail(ErrorKind::invalid_argument, photos.string(), ": expected at least two class folders, found only '",
         classes.at(0), "'; a classifier needs something to tell apart");
  }
  if (!folders.validation.empty())
    lists.validation = data::list_photos(folders.validation, {.class_names = classes});
  if (!folders.test.empty()) lists.test = data::list_photos(folders.test, {.class_names = classes});
  return lists;
}

}  // namespace graft::transfer
