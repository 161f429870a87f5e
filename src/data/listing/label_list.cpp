// SPDX-License-Identifier: Apache-2.0
#include "data/listing/label_list.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/data/name_pattern.hpp"
#include "graft/hash.hpp"

#include "data/listing/archive_list.hpp"
#include "data/listing/files.hpp"
#include "data/listing/label_rows.hpp"
#include "data/listing/names.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;

/// Photos whose path holds their class.
std::vector<Labelled> label_by_name(const fs::path& directory, const ListOptions& options, PhotoList& list) {
  const NamePattern pattern(options.labels.from_name, "label_from_name");
  std::vector<Labelled> photos;
  std::size_t unmatched = 0;
  for (fs::path& path : std::exchange(list.paths, {})) {
    std::string label = trimmed(pattern.find(path.lexically_relative(directory).generic_string()));
    if (label.empty() || !is_label(label)) {
      ++unmatched;
      list.left_out.push_back({.path = path, .reason = "its name has no label by label_from_name"});
      continue;
    }
    photos.push_back({.path = std::move(path), .labels = {std::move(label)}});
  }
  if (photos.empty()) {
    fail_option(ErrorKind::invalid_argument, "label_from_name", "label_from_name: '",
                options.labels.from_name, "' finds no label in any of the ", unmatched,
                " photos' paths below ", shown(directory.string()),
                unmatched > 0 ? cat(", such as ", shown(list.left_out.back().path.filename().string())) : "");
  }
  if (unmatched > 0)
    list.notes.push_back(cat(unmatched, " photos have no label in their name and are not used"));
  return photos;
}

/// Sorted; numbers by their value.
void sort_names(std::vector<std::string>& names) {
  const auto number = [](const std::string& name) {
    long long value = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value);
    return error == std::errc() && end == name.data() + name.size() ? std::optional(value) : std::nullopt;
  };
  const bool numbers = std::ranges::all_of(names, [&](const auto& name) { return number(name).has_value(); });
  std::ranges::sort(names);
  if (numbers) std::ranges::stable_sort(names, {}, [&](const auto& name) { return *number(name); });
}

/// How many photos have each label.
std::map<std::string, std::size_t> counts_of(const std::vector<Labelled>& photos) {
  std::map<std::string, std::size_t> counts;
  for (const Labelled& photo : photos) {
    for (const std::string& label : photo.labels) ++counts[label];
  }
  return counts;
}

/// The classes of the list: all labels, or those that the options name.
void set_classes(const std::vector<Labelled>& photos, const ListOptions& options, PhotoList& list) {
  const std::map<std::string, std::size_t> counts = counts_of(photos);
  list.class_names = options.class_names;
  if (options.class_names.empty()) {
    for (const auto& [name, count] : counts) list.class_names.push_back(name);
    sort_names(list.class_names);
    std::map<std::u32string, std::string> letters;
    for (const std::string& name : list.class_names) {
      const auto [same, fresh] = letters.emplace(same_letters(name), name);
      if (!fresh)
        list.notes.push_back(
            cat("the classes '", shown(same->second), "' and '", shown(name),
                "' differ only in case or in how letters are composed; if they are one, write "
                "their labels alike"));
    }
    return;
  }
  for (const std::string& name : options.class_names) {
    if (options.classes_may_be_missing || counts.contains(name)) continue;
    fail(ErrorKind::not_found, "class_names: no photo has the label '", shown(name), "'");
  }
}

/// The class of each label; -1 for a label that is none of the classes. Notes say so.
std::map<std::string, int> class_of_labels(const std::vector<Labelled>& photos, const ListOptions& options,
                                           PhotoList& list) {
  const std::map<std::string, std::size_t> counts = counts_of(photos);
  std::vector<std::string> labels;
  labels.reserve(counts.size());
  for (const auto& [label, count] : counts) labels.push_back(label);
  std::map<std::string, int> classes;
  const std::vector<std::ptrdiff_t> places = match_class_folders(labels, list.class_names);
  std::vector<std::string> others;
  std::vector<bool> present(list.class_names.size(), false);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    classes[labels[i]] = static_cast<int>(places[i]);
    if (places[i] >= 0) {
      present[static_cast<std::size_t>(places[i])] = true;
    } else {
      others.push_back(cat("'", shown(labels[i]), "' (", counts.at(labels[i]), ")"));
    }
  }
  if (!others.empty())
    list.notes.push_back(cat("not used: photos of labels that are none of the classes: ",
                             comma_list(others, {}, kMostClassesNamed)));
  std::vector<std::string> missing;
  for (std::size_t k = 0; k < present.size(); ++k) {
    if (!present[k]) missing.push_back(cat("'", shown(list.class_names[k]), "'"));
  }
  if (options.classes_may_be_missing && !missing.empty() && missing.size() < present.size())
    list.notes.push_back(cat("no photo of ", comma_list(missing, {}, kMostClassesNamed)));
  return classes;
}

/// By class, then as in a folder; with several labels or numbers as in one folder.
void append(ListedRows rows, const std::map<std::string, int>& classes, PhotoList& list) {
  std::vector<std::tuple<int, std::string, std::string, std::size_t>> order;
  std::vector<std::vector<int>> sets(rows.photos.size());
  for (std::size_t i = 0; i < rows.photos.size(); ++i) {
    for (const std::string& label : rows.photos[i].labels) {
      if (classes.at(label) >= 0) sets[i].push_back(classes.at(label));
    }
    std::ranges::sort(sets[i]);
    const bool together = rows.several || !rows.targets.empty();
    if (sets[i].empty() && !together) continue;
    const fs::path& path = rows.photos[i].path;
    order.emplace_back(together ? 0 : sets[i].front(), path.parent_path().string(), path.filename().string(),
                       i);
  }
  std::ranges::sort(order);
  std::unordered_map<std::string, std::size_t> groups;
  for (const auto& [label, folder, name, i] : order) {
    Labelled& photo = rows.photos[i];
    // A photo without a group is one by itself: no other has its path as the name of its group.
    const std::string group = photo.group.empty() ? cat("\n", photo.path.string()) : photo.group;
    if (rows.groups) list.groups.push_back(groups.emplace(group, list.paths.size()).first->second);
    if (rows.split) list.parts.push_back(photo.part);
    if (rows.weights) list.weights.push_back(photo.weight);
    if (!rows.targets.empty()) {
      list.targets.insert(list.targets.end(), photo.numbers.begin(), photo.numbers.end());
    } else if (rows.several) {
      list.label_sets.push_back(std::move(sets[i]));
    } else {
      list.labels.push_back(label);
    }
    list.paths.push_back(std::move(photo.path));
  }
}

}  // namespace

std::string_view to_string(ListedPart part) {
  return part == ListedPart::train        ? "train"
         : part == ListedPart::validation ? "validation"
         : part == ListedPart::test       ? "test"
                                          : "any part";
}

std::optional<ListedPart> part_to_judge(const PhotoList& list) {
  for (const ListedPart part : {ListedPart::test, ListedPart::validation, ListedPart::train}) {
    if (std::ranges::find(list.parts, part) != list.parts.end()) return part;
  }
  return std::nullopt;
}

namespace {

/// What listed rows make of a list. from: the folder or file that they come from.
void append_rows(ListedRows rows, const fs::path& from, const ListOptions& options, PhotoList& list) {
  const LabelSource& source = options.labels;
  if (source.part) {
    std::erase_if(rows.photos, [&](const Labelled& photo) { return photo.part != *source.part; });
    rows.split = false;
  }
  if (!rows.targets.empty()) {
    if (!options.class_names.empty())
      fail_option(ErrorKind::invalid_argument, "class_names",
                  "class_names: photos with numbers have no classes; leave the names out");
    if (rows.photos.empty())
      fail(ErrorKind::invalid_argument, shown(from.string()), " has no photo with numbers",
           list.left_out.empty() ? std::string() : "; " + list.left_out.front().reason);
    list.class_names = rows.targets;
    append(std::move(rows), {}, list);
  } else {
    set_classes(rows.photos, options, list);
    const std::map<std::string, int> classes = class_of_labels(rows.photos, options, list);
    append(std::move(rows), classes, list);
  }
  if (list.paths.empty())
    fail(ErrorKind::invalid_argument, shown(from.string()), " labels no photo of ",
         list.class_names.empty() ? std::string("any class")
                                  : cat("the classes ", comma_list(list.class_names, {}, kMostClassesNamed)));
}

}  // namespace

void label_archive_photos(const std::vector<fs::path>& archives, const ListOptions& options,
                          PhotoList& list) {
  ListedRows rows = label_archives(archives, options, list);
  rows.several = rows.several || options.labels.several;
  append_rows(std::move(rows), archives.front(), options, list);
}

void label_photos(const fs::path& directory, const ListOptions& options, PhotoList& list) {
  const LabelSource& source = options.labels;
  if (!source.file.empty() && !source.from_name.empty())
    fail_option(ErrorKind::invalid_argument, "label_from_name",
                "label_from_name: not together with a file of labels; leave one of them out");
  ListedRows rows;
  if (source.file.empty()) {
    rows.photos = label_by_name(directory, options, list);
  } else {
    rows = read_label_rows(directory, options, list);
  }
  append_rows(std::move(rows), source.file.empty() ? directory : source.file, options, list);
}

void merge_copies(PhotoList& list) {
  std::unordered_map<std::uintmax_t, std::vector<std::size_t>> by_size;
  for (std::size_t i = 0; i < list.paths.size(); ++i) {
    std::error_code error;
    by_size[fs::file_size(list.paths[i], error)].push_back(i);
  }
  std::vector<std::size_t> first(list.paths.size());
  for (const auto& [size, photos] : by_size) {
    std::map<Hash128, std::size_t> by_content;
    for (const std::size_t i : photos) {
      first[i] = i;
      if (photos.size() == 1) continue;
      try {
        first[i] = by_content.emplace(Hasher().add(read_bytes(list.paths[i])).digest(), i).first->second;
      } catch (const Error&) {
        continue;  // loading reports it
      }
    }
  }
  std::map<fs::path, std::vector<int>> sets;
  std::size_t merged = 0;
  for (std::size_t i = 0; i < list.paths.size(); ++i) {
    std::vector<int>& set = sets[list.paths[first[i]]];
    if (std::ranges::find(set, list.labels[i]) == set.end()) set.push_back(list.labels[i]);
    merged += first[i] != i ? 1 : 0;
  }
  list.notes.push_back(
      cat(merged,
          " photos are copies of another one, mostly in another class folder: it has the labels "
          "of all of them"));
  list.paths.clear();
  list.labels.clear();
  for (auto& [path, set] : sets) {
    std::ranges::sort(set);
    list.paths.push_back(path);
    list.label_sets.push_back(std::move(set));
  }
}

}  // namespace graft::data
