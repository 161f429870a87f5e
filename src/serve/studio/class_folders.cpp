// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/class_folders.hpp"

#include <algorithm>
#include <chrono>

#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/base/text.hpp"
#include "graft/hash.hpp"

#include "serve/studio/names.hpp"

namespace graft::serve::studio {
namespace {

namespace fs = std::filesystem;

/// A folder's stamp; that of a folder that has just changed is unlike any, because another change may follow
/// within the clock's step.
std::string folder_stamp(const fs::path& folder) {
  std::error_code error;
  const auto age = fs::file_time_type::clock::now() - fs::last_write_time(folder, error);
  return error || age < std::chrono::milliseconds(50) ? "" : file_stamp(folder);
}

/// A folder that holds a result of graft, or an operating system's own things.
bool is_no_class(const fs::directory_entry& entry) {
  std::error_code error;
  const std::string name = entry.path().filename().string();
  return name.starts_with('.') || name == "__MACOSX" || name == "@eaDir" || !is_utf8(name) ||
         entry.is_symlink(error) || !entry.is_directory(error) ||
         fs::exists(entry.path() / "model.keras", error);
}

/// A class with all photos below it, at any depth.
void read_deep(ClassFolder& folder, const fs::path& path) {
  folder.folders.assign(1, {path, folder_stamp(path)});
  std::error_code error;
  fs::recursive_directory_iterator all(path, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && all != end; all.increment(error)) {
    const std::string name = all->path().filename().string();
    std::error_code ignored;
    const bool is_folder = all->is_directory(ignored) && !all->is_symlink(ignored);
    if (name.starts_with('.') || (is_folder && is_no_class(*all))) {
      if (is_folder) all.disable_recursion_pending();
    } else if (is_folder) {
      folder.folders.emplace_back(all->path(), folder_stamp(all->path()));
    } else if (has_picture_name(name) && is_utf8(name)) {
      folder.photos.push_back(all->path().lexically_relative(path).string());
    }
  }
  std::ranges::sort(folder.photos);
}

/// The photos of one folder and the names of the folders in it.
void read_flat(ClassFolder& folder, const fs::path& path) {
  folder.folders.assign(1, {path, folder_stamp(path)});
  std::error_code error;
  for (fs::directory_iterator all(path, error), end; !error && all != end; all.increment(error)) {
    const std::string name = all->path().filename().string();
    std::error_code ignored;
    if (!is_no_class(*all)) {
      folder.inner.push_back(name);
    } else if (!all->is_directory(ignored) && !name.starts_with('.') && has_picture_name(name) &&
               is_utf8(name)) {
      folder.photos.push_back(name);
    }
  }
  std::ranges::sort(folder.photos);
  std::ranges::sort(folder.inner);
}

}  // namespace

std::string_view to_string(Grouping grouping) {
  return grouping == Grouping::classes ? "classes" : grouping == Grouping::nested ? "nested" : "labels";
}

std::string ClassFolder::revision() const {
  Hasher hash;
  hash.add(photos.size());
  for (const std::string& photo : photos) hash.add(photo);
  return to_hex(hash.digest()).substr(0, 12);
}

ClassFolder ClassFolders::known_or_empty(const std::string& name) {
  for (std::vector<ClassFolder>* list : {&classes_, &between_}) {
    const auto before = std::ranges::find(*list, name, &ClassFolder::name);
    if (before == list->end()) continue;
    const bool is_same = std::ranges::all_of(before->folders, [](const auto& one) {
      return !one.second.empty() && one.second == file_stamp(one.first);
    });
    if (is_same) return std::move(*before);
  }
  return {.name = name};
}

void ClassFolders::visit(const std::string& name, std::vector<ClassFolder>& classes,
                         std::vector<ClassFolder>& between) {
  ClassFolder folder = known_or_empty(name);
  if (folder.folders.empty()) read_flat(folder, root_ / name);
  const std::vector<std::string> inner = folder.inner;
  const bool is_class = !folder.photos.empty() || inner.empty();
  (is_class ? classes : between).push_back(std::move(folder));
  for (const std::string& one : inner) visit(cat(name, "/", one), classes, between);
}

void ClassFolders::look(Grouping grouping) {
  if (grouping != grouping_) {  // other photos belong to the same names
    classes_.clear();
    between_.clear();
  }
  grouping_ = grouping;
  loose_.clear();
  lists_.clear();
  std::vector<ClassFolder> classes, between;
  if (grouping == Grouping::labels) {
    classes.push_back(known_or_empty(""));
    if (classes.back().folders.empty()) read_deep(classes.back(), root_);
  }
  std::error_code error;
  for (fs::directory_iterator all(root_, error), end; !error && all != end; all.increment(error)) {
    const std::string name = all->path().filename().string();
    if (is_no_class(*all)) {
      std::error_code ignored;
      if (name.starts_with('.') || !is_utf8(name) || all->is_directory(ignored)) continue;
      if (has_picture_name(name)) loose_.push_back(name);
      if (has_list_name(name)) lists_.push_back(name);
      continue;
    }
    if (grouping == Grouping::labels) continue;
    if (grouping == Grouping::nested) {
      visit(name, classes, between);
    } else {
      classes.push_back(known_or_empty(name));
      if (classes.back().folders.empty()) read_deep(classes.back(), all->path());
    }
  }
  std::ranges::sort(loose_);
  std::ranges::sort(lists_);
  std::ranges::sort(classes, {}, &ClassFolder::name);
  classes_ = std::move(classes);
  between_ = std::move(between);
}

const ClassFolder* ClassFolders::find(const std::string& name) const {
  const auto found = std::ranges::find(classes_, name, &ClassFolder::name);
  return found == classes_.end() ? nullptr : &*found;
}

bool ClassFolders::takes_photos(const std::string& name) const {
  return find(name) != nullptr || std::ranges::find(between_, name, &ClassFolder::name) != between_.end();
}

std::string ClassFolders::one_below(const std::string& name) const {
  if (grouping_ != Grouping::nested) return {};
  for (const std::vector<ClassFolder>* list : {&classes_, &between_}) {
    for (const ClassFolder& folder : *list)
      if (folder.name.starts_with(name + "/")) return folder.name;
  }
  return {};
}

}  // namespace graft::serve::studio
