// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/formats/archive.hpp"
#include "graft/image.hpp"
#include "graft/photos.hpp"

#include "data/decode/foreign_format.hpp"
#include "data/listing/archive_list.hpp"
#include "data/listing/files.hpp"
#include "data/listing/folders.hpp"
#include "data/listing/label_list.hpp"
#include "data/listing/names.hpp"
#include "data/listing/nested_folders.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;

/// Collects the photos below folders.
class Collector {
 public:
  Collector(const fs::path& root, const ListOptions& options, PhotoList& list)
      : root_(root), options_(options), list_(list) {}

  /// Adds the photos below one folder. False when nothing visible is there.
  bool add(const fs::path& folder) {
    folders_.clear();
    seen_any_ = false;
    std::set<fs::path> above;
    walk(folder, above);
    std::ranges::sort(folders_, {}, [](const Folder& one) { return one.path.string(); });
    for (const Folder& one : folders_) {
      for (const std::string& name : one.files) add_file(one.path / name);
    }
    return seen_any_;
  }

  void note_passed_by() {
    for (const auto& [reason, paths] : passed_by_) {
      list_.notes.push_back(cat("not used: ", shown(paths.front()), ", ", reason,
                                paths.size() > 1 ? cat(", and ", paths.size() - 1, " more such") : ""));
    }
  }

 private:
  struct Folder {
    fs::path path;
    std::vector<std::string> files;
  };

  /// All folders below one, itself included. `above` holds the real paths that lead to it, so that a link to
  /// one of them ends the walk.
  void walk(const fs::path& path, std::set<fs::path>& above) {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (!error && !above.insert(real).second) return;
    const std::vector<Entry> entries = error ? std::vector<Entry>{} : entries_of(path, error);
    if (error) return leave_out(path, error.message(), true);
    Folder folder{.path = path, .files = {}};
    for (const Entry& entry : entries) {
      const fs::path whole = path / entry.name;
      if (is_excluded(whole, root_, options_)) continue;
      seen_any_ = true;
      if (entry.error) {
        leave_out(whole, entry.error.message(), true);
      } else if (!entry.is_folder) {
        folder.files.push_back(entry.name);
      } else if (options_.nested && options_.infer_labels && !options_.labels.given()) {
        continue;  // another class
      } else if (entry.is_link && !options_.follow_links) {
        leave_out(whole, "a link to a folder, not followed", false);
      } else if (may_enter(entry.name, whole)) {
        walk(whole, above);
      }
    }
    folders_.push_back(std::move(folder));
    above.erase(real);
  }

  bool may_enter(const std::string& name, const fs::path& path) {
    std::error_code ignored;
    const std::string_view reason = reason_to_pass_by(name, entries_of(path, ignored));
    if (reason.empty()) return true;
    passed_by_[std::string(reason)].push_back(path.string());
    return false;
  }

  void add_file(const fs::path& file) {
    constexpr std::size_t kFilesBetweenReports = 256;
    if (options_.progress && ++files_ % kFilesBetweenReports == 0 && !options_.progress(files_))
      fail(ErrorKind::interrupted, "listing files was stopped after ", files_);
    if (may_be_photo(file)) return add_photo(file, options_, list_);
    if (is_archive(file)) return list_archive(file, options_, list_);
    const std::string_view format = foreign_format(read_head(file, kForeignHeadBytes), file);
    leave_out(file, format.empty() ? "not an image" : foreign_format_reason(format), !format.empty());
  }

  void leave_out(const fs::path& path, const std::string& reason, bool unreadable) {
    list_.left_out.push_back({.path = path, .reason = reason, .unreadable = unreadable});
  }

  const fs::path& root_;
  const ListOptions& options_;
  PhotoList& list_;
  std::vector<Folder> folders_;
  std::map<std::string, std::vector<std::string>> passed_by_;  ///< by reason
  std::size_t files_ = 0;
  bool seen_any_ = false;
};

/// A class and its folder; no folder where it is missing.
struct ClassFolder {
  std::string class_name;
  std::string folder;
};

/// Of UTF-8. Marks of text direction are none: languages need them.
bool holds_control_character(const std::string& name) {
  for (std::size_t at = 0; at < name.size();) {
    const CodePoint point = code_point_at(name, at);
    if (point.code < 0x20 || (point.code >= 0x7F && point.code < 0xA0)) return true;
    at += std::max<std::size_t>(point.bytes, 1);
  }
  return false;
}

void check_names(const fs::path& directory, const std::vector<std::string>& names, PhotoList& list) {
  std::map<std::u32string, std::string> looks, letters;
  for (const std::string& name : names) {
    const std::string path = (directory / name).string();
    if (!is_utf8(name)) {
      fail(ErrorKind::invalid_argument, "the name of the class folder ", shown(path),
           " is not UTF-8, so that no model file can hold it; rename the folder, or exclude it");
    }
    if (holds_control_character(name)) {
      fail(ErrorKind::invalid_argument, "the name of the class folder ", shown(path),
           " holds a control character, such as a line break; rename the folder, or exclude it");
    }
    const auto [look, fresh] = looks.emplace(same_look(name), name);
    if (!fresh) {
      fail(ErrorKind::invalid_argument, "the names of two class folders in ", shown(directory.string()),
           " look the same (", shown(name),
           ") and differ only in how their letters are composed in Unicode; "
           "put the photos of both into one folder, or rename one");
    }
    const auto [same, first] = letters.emplace(same_letters(name), name);
    if (!first) {
      list.notes.push_back(cat("the classes '", shown(same->second), "' and '", shown(name),
                               "' differ only in case; if they are one, put their photos into one folder"));
    }
  }
}

/// Photos beside the class folders are in no class.
void leave_out_loose(const fs::path& directory, const ListOptions& options, PhotoList& list) {
  std::error_code error;
  for (const Entry& entry : entries_of(directory, error)) {
    const fs::path file = directory / entry.name;
    if (entry.is_folder || entry.error || is_excluded(file, directory, options) || !may_be_photo(file))
      continue;
    list.left_out.push_back({.path = file, .reason = "not in a class folder"});
  }
}

void note_extra_folders(const fs::path& directory, const std::vector<std::string>& extra,
                        const ListOptions& options, PhotoList& list) {
  for (const std::string& name : extra) {
    PhotoList others;
    Collector(directory, options, others).add(directory / name);
    if (others.paths.empty()) continue;
    list.notes.push_back(cat("not used: the ", others.paths.size(), " photos in ",
                             shown((directory / name).string()), ", which is not one of the classes"));
  }
}

/// The classes of another folder that are here.
std::vector<ClassFolder> present_classes(const fs::path& directory, const ListOptions& options,
                                         PhotoList& list) {
  const std::vector<std::string> there = class_folders(directory, options, list);
  const std::vector<std::ptrdiff_t> classes = match_class_folders(there, options.class_names);
  std::vector<ClassFolder> folders;
  for (const std::string& name : options.class_names) folders.push_back({.class_name = name, .folder = {}});
  std::vector<std::string> extra;
  for (std::size_t i = 0; i < there.size(); ++i) {
    if (classes[i] < 0) {
      extra.push_back(there[i]);
    } else {
      folders[static_cast<std::size_t>(classes[i])].folder = there[i];
    }
  }
  note_extra_folders(directory, extra, options, list);
  return folders;
}

std::vector<ClassFolder> chosen_classes(const fs::path& directory, const ListOptions& options,
                                        PhotoList& list) {
  if (options.classes_may_be_missing) return present_classes(directory, options, list);
  const std::vector<std::string> there = class_folders(directory, options, list);
  std::vector<ClassFolder> folders;
  if (options.class_names.empty()) {
    if (there.empty()) {
      fail(ErrorKind::invalid_argument, shown(directory.string()),
           " has no sub-folders: expected one for each class, with that class's photos in it");
    }
    check_names(directory, there, list);
    for (const std::string& name : there) folders.push_back({.class_name = name, .folder = name});
    return folders;
  }
  for (const std::string& name : options.class_names) {
    if (std::ranges::find(there, name) == there.end()) {
      fail(ErrorKind::not_found, "class_names: there is not a folder '", shown(name), "' in ",
           shown(directory.string()));
    }
    folders.push_back({.class_name = name, .folder = name});
  }
  check_names(directory, options.class_names, list);
  return folders;
}

[[noreturn]] void fail_without_photo(const std::string& name, const fs::path& folder, const PhotoList& list,
                                     std::size_t left_out_before) {
  const bool has_reason = list.left_out.size() > left_out_before;
  const std::string example = has_reason
                                  ? cat(" (", shown(list.left_out[left_out_before].path.filename().string()),
                                        ": ", list.left_out[left_out_before].reason, ")")
                                  : "";
  fail(ErrorKind::bad_file, "class '", shown(name), "' has no photo: ", shown(folder.string()),
       " holds no image", example, "; remove the folder, or exclude it");
}

/// "'birds' and 'cats'"
std::string quoted_list(const std::vector<std::string>& names) {
  constexpr std::size_t kMostQuoted = 10;
  return comma_list(
      names, [](const std::string& name) { return cat("'", shown(name), "'"); }, kMostQuoted);
}

void list_classes(const fs::path& directory, const ListOptions& options, PhotoList& list) {
  const std::vector<ClassFolder> classes = chosen_classes(directory, options, list);
  leave_out_loose(directory, options, list);
  Collector collector(directory, options, list);
  std::vector<std::string> missing;
  for (const ClassFolder& one : classes) {
    const std::size_t photos = list.paths.size();
    const std::size_t left_out = list.left_out.size();
    const fs::path folder = directory / one.folder;
    const bool any = !one.folder.empty() && collector.add(folder);
    const bool empty = list.paths.size() == photos;
    if (empty && options.classes_may_be_missing) {
      missing.push_back(one.class_name);
    } else if (empty && !any && options.class_names.empty() && list.left_out.size() == left_out) {
      list.notes.push_back(cat("not used: ", shown(folder.string()), ", an empty folder"));
      continue;
    } else if (empty) {
      fail_without_photo(one.class_name, folder, list, left_out);
    }
    list.labels.resize(list.paths.size(), static_cast<int>(list.class_names.size()));
    list.class_names.push_back(one.class_name);
  }
  collector.note_passed_by();
  if (!missing.empty() && !list.paths.empty())
    list.notes.push_back(cat(shown(directory.string()), " has no photo of ", quoted_list(missing)));
  if (list.paths.empty()) {
    fail(ErrorKind::invalid_argument, shown(directory.string()),
         " has no class folder with photos: expected one for each of ",
         options.class_names.empty() ? "the classes" : quoted_list(options.class_names));
  }
}

}  // namespace

bool is_archive(const fs::path& file) {
  const std::string ending = to_lower(file.extension().string());
  return (ending == ".zip" || ending == ".tar") && formats::Archive::is_archive(file);
}

PhotoList list_photos(const fs::path& directory, const ListOptions& options) {
  PhotoList list;
  const bool labelled = options.infer_labels && options.labels.given();
  if (labelled && !options.labels.file.empty()) {
    label_photos(directory, options, list);
    return list;
  }
  if (options.infer_labels && !options.labels.targets.empty())
    fail_option(ErrorKind::invalid_argument, "targets",
                "targets: numbers come from the columns of a list; expected a file of labels too");
  const std::vector<fs::path> archives = archives_at(directory);
  if (options.infer_labels && !labelled && !archives.empty()) {
    label_archive_photos(archives, options, list);
    return list;
  }
  if (options.infer_labels && !labelled) {
    list_classes(directory, options, list);
    if (options.labels.several) merge_copies(list);
    return list;
  }
  if (!options.class_names.empty() && !labelled)
    fail(ErrorKind::invalid_argument, "class_names can only be given when labels are inferred from folders");
  std::error_code error;
  if (!fs::is_directory(directory, error) && archives.empty())
    fail(ErrorKind::not_found, directory.string(), ": there is no such folder or archive");
  if (fs::is_regular_file(directory, error)) {
    list_archive(directory, options, list);
    if (labelled) label_photos(directory, options, list);
    return list;
  }
  Collector collector(directory, options, list);
  collector.add(directory);
  collector.note_passed_by();
  if (labelled) label_photos(directory, options, list);
  return list;
}

}  // namespace graft::data
