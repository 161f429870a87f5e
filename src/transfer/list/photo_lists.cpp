// SPDX-License-Identifier: Apache-2.0
#include "transfer/list/photo_lists.hpp"

#include <map>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "transfer/context/recipe_options.hpp"

namespace graft::transfer {

data::PhotoList list_part(const std::filesystem::path& folder, const std::vector<std::string>& classes,
                          const TrainOptions& options) {
  data::ListOptions listing = options.listing;
  if (listing.labels.targets.empty()) listing.class_names = classes;
  listing.classes_may_be_missing = true;
  std::error_code ignored;
  if (std::filesystem::is_regular_file(folder, ignored)) {
    listing.labels.file = folder;
    return data::list_photos(folder.parent_path(), listing);
  }
  if (!listing.labels.targets.empty())
    fail(ErrorKind::invalid_argument, shown(folder.string()),
         ": class folders have no numbers; expected a second list, or a column for the split");
  listing.labels.file.clear();
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

void expect_one_label(const data::PhotoList& list, const std::string& what) {
  if (!list.targets.empty())
    fail(ErrorKind::unsupported, what,
         ": photos with numbers are not possible here; expected one label a photo");
  if (list.label_sets.empty()) return;
  fail(ErrorKind::unsupported, what,
       ": photos with several labels are not possible here; expected one label a photo");
}

void check_plain_list(const data::PhotoList& list) {
  expect_one_label(list, "an earlier round or your own network");
  if (list.parts.empty() && list.groups.empty() && list.weights.empty()) return;
  fail_option(ErrorKind::invalid_argument, "columns",
              "columns: split, group and weight of a list are not possible with an earlier round or your own "
              "network; leave them out (split=-,group=-,weight=-)");
}

namespace {

/// What solves a head, or continues from one, can weigh photos.
void check_weights_of_photos(const data::PhotoList& list, const TrainOptions& options) {
  const bool weighs = is_recipe<AutomaticRecipe>(options) || is_recipe<HeadRecipe>(options);
  if (list.weights.empty() || (weighs && !is_network_file(options))) return;
  fail_option(ErrorKind::invalid_argument, "columns",
              "columns: weights of photos need the recipe auto or head of a pretrained network; leave the "
              "column out (weight=-)");
}

/// Some of a list's photos, in its order. Classes without a photo among them stay.
data::PhotoList some_of(const data::PhotoList& list, const std::vector<std::size_t>& rows) {
  data::PhotoList some{.class_names = list.class_names};
  for (const std::size_t row : rows) {
    some.paths.push_back(list.paths[row]);
    if (!list.labels.empty()) some.labels.push_back(list.labels[row]);
    if (!list.label_sets.empty()) some.label_sets.push_back(list.label_sets[row]);
    for (std::size_t k = 0; !list.targets.empty() && k < list.class_names.size(); ++k)
      some.targets.push_back(list.targets[row * list.class_names.size() + k]);
    if (!list.groups.empty()) some.groups.push_back(list.groups[row]);
    if (!list.weights.empty()) some.weights.push_back(list.weights[row]);
  }
  return some;
}

/// Leaves out what no training photo shows.
void keep_trained_classes(data::PhotoList& train, std::vector<data::PhotoList*> others) {
  // Several labels: split_several() asks for photos of each. Or numbers.
  if (train.labels.empty()) return;
  std::vector<int> place(train.class_names.size(), -1);
  for (const int label : train.labels) place[static_cast<std::size_t>(label)] = 0;
  std::vector<std::string> kept, gone;
  for (std::size_t k = 0; k < place.size(); ++k) {
    if (place[k] == 0) place[k] = static_cast<int>(kept.size());
    (place[k] >= 0 ? kept : gone).push_back(train.class_names[k]);
  }
  if (gone.empty()) return;
  train.notes.push_back(cat("not used: photos of ", comma_list(gone, {}, kMostClassesNamed),
                            ", which no training photo of the list shows"));
  others.push_back(&train);
  for (data::PhotoList* list : others) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < list->paths.size(); ++i) {
      if (place[static_cast<std::size_t>(list->labels[i])] >= 0) rows.push_back(i);
    }
    data::PhotoList some = some_of(*list, rows);
    for (int& label : some.labels) label = place[static_cast<std::size_t>(label)];
    some.class_names = kept;
    some.left_out = list->left_out;
    some.notes = list->notes;
    *list = std::move(some);
  }
}

/// The parts of a list with a column for them. Photos without a part stay with the training photos, of which
/// validation and test are divided where the list has none.
void divide_by_list(PhotoLists& lists) {
  data::PhotoList& all = lists.train;
  std::map<data::ListedPart, std::vector<std::size_t>> rows;
  for (std::size_t i = 0; i < all.paths.size(); ++i)
    rows[all.parts[i] == data::ListedPart::unset ? data::ListedPart::train : all.parts[i]].push_back(i);
  std::vector<data::PhotoList*> others;
  const auto take = [&](data::ListedPart part, const char* name, const std::filesystem::path& other,
                        std::optional<data::PhotoList>& to) {
    if (rows[part].empty()) return;
    if (!other.empty())
      fail_option(ErrorKind::invalid_argument, name, name, ": the list of labels has a part of that name (",
                  rows[part].size(), " photos); leave one of them out (split=- for the list's)");
    others.push_back(&to.emplace(some_of(all, rows[part])));
  };
  take(data::ListedPart::validation, "validation", lists.folders.validation, lists.validation);
  take(data::ListedPart::test, "test", lists.folders.test, lists.test);
  data::PhotoList train = some_of(all, rows[data::ListedPart::train]);
  train.left_out = std::move(all.left_out);
  train.notes = std::move(all.notes);
  if (train.paths.empty())
    fail(ErrorKind::invalid_argument,
         "labels: the list has no training photo: its column for the split says "
         "validation or test for all");
  all = std::move(train);
  keep_trained_classes(all, others);
}

}  // namespace

PhotoLists list_parts(const std::filesystem::path& photos, const TrainOptions& options) {
  const Folders folders = find_folders(photos, options);
  PhotoLists lists{.folders = folders,
                   .train = data::list_photos(folders.train, options.listing),
                   .validation = {},
                   .test = {},
                   .notes = folders.notes};
  check_weights_of_photos(lists.train, options);
  if (!lists.train.parts.empty()) divide_by_list(lists);
  const std::vector<std::string>& classes = lists.train.class_names;
  if (!lists.train.targets.empty()) {
    TrainOptions same = options;  // other lists of the same run have the same columns
    same.listing.labels.targets = classes;
    if (!folders.validation.empty()) lists.validation = list_part(folders.validation, {}, same);
    if (!folders.test.empty()) lists.test = list_part(folders.test, {}, same);
    return lists;
  }
  if (classes.size() < 2) {
    fail(ErrorKind::invalid_argument, photos.string(), ": expected at least two ",
         options.listing.labels.given() ? "labels" : "class folders", ", found only '", classes.at(0),
         "'; a classifier needs something to tell apart");
  }
  if (!folders.validation.empty()) lists.validation = list_part(folders.validation, classes, options);
  if (!folders.test.empty()) lists.test = list_part(folders.test, classes, options);
  return lists;
}

}  // namespace graft::transfer
