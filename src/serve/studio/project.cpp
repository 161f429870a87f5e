// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/project.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/text.hpp"
#include "graft/hash.hpp"
#include "graft/photos.hpp"

#include "serve/photo_table.hpp"
#include "serve/studio/names.hpp"
#include "serve/studio/refusal.hpp"

namespace graft::serve::studio {
namespace {

namespace fs = std::filesystem;

std::string short_stamp(const fs::path& file) {
  const std::string stamp = file_stamp(file);
  return stamp.empty() ? stamp : to_hex(Hasher().add(stamp).digest()).substr(0, 12);
}

void flush_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// False: the name is taken.
bool rename_to_free(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno == EINVAL || errno == ENOSYS) {  // a file system that cannot: the studio's lock keeps others away
    std::error_code error;
    if (fs::exists(fs::symlink_status(to, error))) return false;
    if (::rename(from.c_str(), to.c_str()) == 0) return true;
  }
  if (errno == ENOENT) throw Refusal(409, cat(from.filename().string(), " is no longer there"));
  throw Refusal(500, cat("cannot move ", from.filename().string(), ": ", std::strerror(errno)));
}

/// Moves a file into a folder under its name or a numbered one; returns the name.
std::string put_into(const fs::path& from, const fs::path& folder, const std::string& name) {
  std::string used = name;
  for (int number = 2; !rename_to_free(from, folder / used); ++number) used = numbered(name, number);
  flush_folder(folder);
  flush_folder(from.parent_path());
  return used;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(ErrorKind::io, "cannot make the folder ", folder.string(), ": ", error.message());
}

bool same_bytes(const fs::path& a, const fs::path& b) {
  std::error_code error;
  const auto size = fs::file_size(a, error);
  if (error || size != fs::file_size(b, error) || error) return false;
  return read_file(a, size) == read_file(b, size);
}

fs::path without_slash(const fs::path& folder) {
  return folder.has_filename() ? folder : folder.parent_path();
}

/// Whether a path leads down, through visible folders only.
bool leads_down(const std::string& path) {
  return !path.empty() && std::ranges::all_of(split(path, '/'), [](const std::string& part) {
    return !part.empty() && !part.starts_with('.');
  });
}

/// What was chosen for a project the last time; commands do not read it.
constexpr const char* kGroupingFile = "grouping";

Grouping saved_grouping(const fs::path& own_folder) {
  std::error_code error;
  if (!fs::exists(own_folder / kGroupingFile, error)) return Grouping::classes;
  const std::string text = read_file(own_folder / kGroupingFile, 100);
  for (const Grouping one : {Grouping::nested, Grouping::labels})
    if (text.starts_with(to_string(one))) return one;
  return Grouping::classes;
}

}  // namespace

Project::Project(const fs::path& folder, std::optional<Grouping> grouping)
    : folder_(without_slash(fs::absolute(folder).lexically_normal())), classes_(folder_) {
  std::error_code error;
  if (fs::exists(folder_, error) && !fs::is_directory(folder_, error))
    fail(ErrorKind::invalid_argument, "PROJECT: ", folder_.string(), " is a file, not a folder");
  make_folder(folder_);
  grouping_ = grouping ? *grouping : saved_grouping(own_folder());
  data::ListOptions listing;
  listing.nested = grouping_ == Grouping::nested;
  if (grouping_ != Grouping::labels && data::find_layout(folder_, listing).has_parts()) {
    fail(
        ErrorKind::invalid_argument, "PROJECT: ", folder_.string(),
        " holds parts such as train/ and test/; expected one sub-folder of photos per class. Name the folder "
        "train/ itself, or use graft train");
  }
  make_folder(own_folder() / "removed");
  lock_ = ::open((own_folder() / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) fail(ErrorKind::io, "cannot write to ", own_folder().string(), ": ", std::strerror(errno));
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    fail(ErrorKind::invalid_argument, "PROJECT: another graft studio has ", folder_.string(),
         " open; use its page, in as many windows as you like");
  }
  fs::remove_all(own_folder() / "incoming", error);  // of a studio that was killed
  make_folder(own_folder() / "incoming");
  set_grouping(grouping_);
}

Project::~Project() { ::close(lock_); }

void Project::set_grouping(Grouping grouping) {
  const std::lock_guard lock(mutex_);
  if (saved_grouping(own_folder()) != grouping)
    write_file_atomically(own_folder() / kGroupingFile, cat(to_string(grouping), "\n"));
  grouping_ = grouping;
  classes_.look(grouping);
}

std::vector<std::string> Project::all_photos() {
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  return find("").photos;
}

std::vector<std::string> Project::some_photos(std::size_t most) {
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  std::vector<std::string> all;
  for (const ClassFolder& folder : classes_.all()) {
    for (const std::string& name : folder.photos)
      all.push_back((folder_.filename() / folder.name / name).string());
  }
  if (all.size() <= most) return all;
  std::vector<std::string> some;
  some.reserve(most);
  for (std::size_t i = 0; i < most; ++i) some.push_back(all[i * all.size() / most]);
  return some;
}

std::vector<PhotoEntry> Project::entries(const std::string& class_name,
                                         const std::vector<std::string>& names) const {
  std::vector<PhotoEntry> all;
  all.reserve(names.size());
  for (const std::string& name : names)
    all.push_back({.name = name, .stamp = short_stamp(folder_ / class_name / name)});
  return all;
}

const ClassFolder& Project::find(const std::string& class_name) const {
  const ClassFolder* found = classes_.find(class_name);
  if (found == nullptr) throw Refusal(404, cat("there is no class '", printable(class_name), "' any more"));
  return *found;
}

fs::path Project::folder_for(const std::string& class_name) const {
  if (!classes_.takes_photos(class_name)) return folder_ / find(class_name).name;  // says that there is none
  return folder_ / class_name;
}

fs::path Project::checked(const PhotoKey& photo) const {
  const ClassFolder& folder = find(photo.class_name);
  fs::path file = folder_ / folder.name / photo.name;
  if (!std::ranges::binary_search(folder.photos, photo.name))
    throw Refusal(409, cat("'", printable(photo.name), "' is no longer in ", folder.name,
                           ": it was moved or removed in another window"));
  if (!photo.stamp.empty() && photo.stamp != short_stamp(file))
    throw Refusal(409, cat("'", photo.name, "' has changed since this page showed it"));
  return file;
}

void Project::check_seen(const std::string& name, const std::string& revision) const {
  if (find(name).revision() != revision)
    throw Refusal(409, cat("the photos of ", name, " have changed meanwhile; look at them once more"));
  if (const std::string inner = classes_.one_below(name); !inner.empty())
    throw Refusal(409, cat("the folder of ", name, " holds other classes, such as ", inner,
                           ": rename or remove those first"));
}

/// A link would lead out of the project.
void Project::make_parents(const std::string& class_name) const {
  for (std::size_t at = class_name.find('/'); at != std::string::npos; at = class_name.find('/', at + 1)) {
    const fs::path parent = folder_ / class_name.substr(0, at);
    std::error_code error;
    const fs::file_status status = fs::symlink_status(parent, error);
    if (fs::is_directory(status)) continue;
    if (fs::exists(status))
      throw Refusal(409, cat("'", class_name.substr(0, at), "' is no folder: choose another name"));
    if (::mkdir(parent.c_str(), 0777) != 0)
      throw Refusal(500, cat("cannot make the folder: ", std::strerror(errno)));
    flush_folder(parent.parent_path());
  }
}

/// A folder that has lost its last class would be an empty class itself.
void Project::remove_empty_parents(const std::string& class_name) const {
  for (fs::path parent = fs::path(class_name).parent_path(); !parent.empty(); parent = parent.parent_path())
    if (::rmdir((folder_ / parent).c_str()) != 0) return;
}

void Project::move_class(const fs::path& from, const std::string& to) {
  make_parents(to);
  if (!rename_to_free(from, folder_ / to))
    throw Refusal(409,
                  classes_.find(to) != nullptr
                      ? cat("there is a class '", to, "' already")
                      : cat("there is a folder '", to, "' already, which is no class: choose another name"));
  flush_folder((folder_ / to).parent_path());
  flush_folder(from.parent_path());
}

PhotoKey Project::key_of(const fs::path& file) const {
  const fs::path inside = file.lexically_relative(folder_);
  if (inside.empty() || *inside.begin() == "..") return {};
  if (grouping_ == Grouping::labels) return {.class_name = {}, .name = inside.string(), .stamp = {}};
  if (std::next(inside.begin()) == inside.end()) return {};  // in the project's own folder
  const fs::path class_name = grouping_ == Grouping::nested ? inside.parent_path() : *inside.begin();
  return {
      .class_name = class_name.string(), .name = inside.lexically_relative(class_name).string(), .stamp = {}};
}

std::vector<ClassSummary> Project::classes() {
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  std::vector<ClassSummary> all;
  for (const ClassFolder& folder : classes_.all())
    all.push_back({.name = folder.name,
                   .photos = folder.photos.size(),
                   .revision = folder.revision(),
                   .has_folders = folder.folders.size() > 1});
  return all;
}

LooseFiles Project::loose() {
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  return {.photos = classes_.loose().size(), .lists = classes_.lists()};
}

std::size_t Project::move_loose(const std::string& class_name) {
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  const fs::path folder = folder_for(class_name);
  for (const std::string& name : classes_.loose()) static_cast<void>(put_into(folder_ / name, folder, name));
  return classes_.loose().size();
}

PhotoPage Project::page(const std::string& class_name, std::size_t offset, std::size_t count) {
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  const ClassFolder& folder = find(class_name);
  PhotoPage page{.total = folder.photos.size(), .photos = {}};
  for (std::size_t i = offset; i < std::min(offset + count, folder.photos.size()); ++i)
    page.photos.push_back(
        {.name = folder.photos[i], .stamp = short_stamp(folder_ / folder.name / folder.photos[i])});
  return page;
}

fs::path Project::file_of(const PhotoKey& photo) {
  const std::lock_guard lock(mutex_);
  return checked(photo);
}

void Project::add_class(const std::string& given) {
  const std::string name = class_name_of(given, grouping_ == Grouping::nested);
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  make_parents(name);
  if (::mkdir((folder_ / name).c_str(), 0777) != 0) {
    if (errno != EEXIST) throw Refusal(500, cat("cannot make the folder: ", std::strerror(errno)));
    const std::string inner = classes_.one_below(name);
    throw Refusal(409, inner.empty()
                           ? cat("there is a class or file '", name, "' already")
                           : cat("the folder '", name, "' is there already, and holds classes such as ",
                                 inner, ": choose another name"));
  }
  flush_folder((folder_ / name).parent_path());
}

void Project::rename_class(const std::string& name, const std::string& to, const std::string& revision) {
  const std::string new_name = class_name_of(to, grouping_ == Grouping::nested);
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  check_seen(name, revision);
  if (new_name.starts_with(name + "/"))
    throw Refusal(400,
                  cat("a class cannot move into its own folder: rename ", name, " to another name first"));
  move_class(folder_ / name, new_name);
  remove_empty_parents(name);
}

std::string Project::remove_class(const std::string& name, const std::string& revision) {
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  check_seen(name, revision);
  const fs::path below = fs::path(name).parent_path(), folder = own_folder() / "removed-classes" / below;
  make_folder(folder);
  const std::string kept = put_into(folder_ / name, folder, fs::path(name).filename().string());
  remove_empty_parents(name);
  return (below / kept).string();
}

void Project::restore_class(const std::string& given, const std::string& kept) {
  const std::string name = class_name_of(given, grouping_ == Grouping::nested);
  const std::lock_guard lock(mutex_);
  if (!leads_down(kept)) throw Refusal(400, "expected the name of a removed class");
  classes_.look(grouping_);
  move_class(own_folder() / "removed-classes" / kept, name);
}

std::string Project::add_photo(const std::string& class_name, const std::string& name, const fs::path& file,
                               bool& known) {
  const std::lock_guard lock(mutex_);
  // Not at each photo: looking at a large class takes longer than adding to it.
  std::error_code error;
  if (!classes_.takes_photos(class_name) || !fs::is_directory(folder_ / class_name, error))
    classes_.look(grouping_);
  const fs::path below = grouping_ == Grouping::labels ? kListedPhotos : "";
  const fs::path folder = folder_for(class_name) / below;
  make_folder(folder);
  known = same_bytes(file, folder / name);
  if (known) {
    fs::remove(file, error);
    return (below / name).string();
  }
  return (below / put_into(file, folder, name)).string();
}

std::string Project::move_photo(const PhotoKey& photo, const std::string& to) {
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  const fs::path file = checked(photo);
  const fs::path folder = folder_for(to);
  if (photo.class_name == to) return photo.name;
  return put_into(file, folder, file.filename().string());
}

std::string Project::remove_photo(const PhotoKey& photo) {
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  const fs::path file = checked(photo), below = fs::path(photo.name).parent_path();
  const fs::path folder = own_folder() / "removed" / photo.class_name / below;
  make_folder(folder);
  return (below / put_into(file, folder, file.filename().string())).string();
}

std::string Project::restore(const std::string& class_name, const std::string& kept) {
  const std::lock_guard lock(mutex_);
  classes_.look(grouping_);
  const fs::path of_class = folder_for(class_name);
  if (!leads_down(kept)) throw Refusal(400, "expected the name of a removed photo");
  const fs::path below = fs::path(kept).parent_path(), folder = of_class / below;
  make_folder(folder);
  return (below /
          put_into(own_folder() / "removed" / class_name / kept, folder, fs::path(kept).filename().string()))
      .string();
}

fs::path Project::scratch_file() {
  const std::lock_guard lock(mutex_);
  return own_folder() / "incoming" / std::to_string(++scratch_);
}

}  // namespace graft::serve::studio
