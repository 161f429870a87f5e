// SPDX-License-Identifier: Apache-2.0
#include "transfer/list/photo_lists.hpp"

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/pretrained.hpp"

#include "transfer/context/networks.hpp"

namespace graft::transfer {

data::PhotoList list_part(const std::filesystem::path& folder, const std::vector<std::string>& classes,
                          const TrainOptions& options) {
  data::ListOptions listing = options.listing;
  listing.class_names = classes;
  listing.classes_may_be_missing = true;
  return data::list_photos(folder, listing);
}

Folders find_folders(const std::filesystem::path& photos, const TrainOptions& options) {
  const data::Layout layout = data::find_layout(photos, options.listing);
  Folders folders{layout.root, options.validation, options.test, layout.notes};
  if (!layout.has_parts()) return folders;
  folders.train = *layout.train;
  if (folders.validation.empty() && layout.validation) folders.validation = *layout.validation;
  if (folders.test.empty() && layout.test) folders.test = *layout.test;
  return folders;
}

void check_weights(const TrainOptions& options) {
  if (options.model == kAutomaticModel) {
    if (classify::applications_here().empty()) {
      fail(ErrorKind::not_found,
           "model auto: no network's ImageNet weights are on this computer; name a network to see what to "
           "fetch");
    }
    return;
  }
  const NetworkNames names = networks_of(options);
  for (const std::string& name : {names.first, names.second}) {
    if (name.empty() && !names.first.empty()) continue;
    classify::check_weights_here(applications::find_application(name),
                                 {.include_top = false, .alpha = options.alpha}, options.weights);
  }
}

PhotoLists list_parts(const std::filesystem::path& photos, const TrainOptions& options) {
  const Folders folders = find_folders(photos, options);
  PhotoLists lists{.folders = folders,
                   .train = data::list_photos(folders.train, options.listing),
                   .validation = {},
                   .test = {},
                   .notes = folders.notes};
  const std::vector<std::string>& classes = lists.train.class_names;
  if (classes.size() < 2) {
    fail(ErrorKind::invalid_argument, photos.string(), ": expected at least two class folders, found only '",
         classes.at(0), "'; a classifier needs something to tell apart");
  }
  if (!folders.validation.empty()) lists.validation = list_part(folders.validation, classes, options);
  if (!folders.test.empty()) lists.test = list_part(folders.test, classes, options);
  return lists;
}

}  // namespace graft::transfer
