// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/project.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/text.hpp"
#include "graft/hash.hpp"
#include "graft/photos.hpp"

#include "serve/studio/names.hpp"
#include "serve/studio/refusal.hpp"

namespace graft::serve::studio {
namespace {

namespace fs = std::filesystem;

std::string short_stamp(const fs::path& file) {
  const std::string stamp = file_stamp(file);
  return stamp.empty() ? stamp : to_hex(Hasher().add(stamp).digest()).substr(0, 12);
}

/// A folder's stamp; that of a folder that has just changed is unlike any, because another change may follow
/// within the clock's step.
std::string folder_stamp(const fs::path& folder) {
  std::error_code error;
  const auto age = fs::file_time_type::clock::now() - fs::last_write_time(folder, error);
  return error || age < std::chrono::milliseconds(50) ? "" : file_stamp(folder);
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

/// A folder that holds a result of graft, or an operating system's own things.
bool is_no_class(const fs::directory_entry& entry) {
  std::error_code error;
  const std::string name = entry.path().filename().string();
  return name.starts_with('.') || name == "__MACOSX" || name == "@eaDir" || !is_utf8(name) ||
         entry.is_symlink(error) || !entry.is_directory(error) ||
         fs::exists(entry.path() / "model.keras", error);
}

}  // namespace

Project::Project(const fs::path& folder) : folder_(fs::absolute(folder).lexically_normal()) {
  if (!folder_.has_filename()) folder_ = folder_.parent_path();
  std::error_code error;
  if (fs::exists(folder_, error) && !fs::is_directory(folder_, error))
    fail(ErrorKind::invalid_argument, "PROJECT: ", folder_.string(), " is a file, not a folder");
  make_folder(folder_);
  if (data::find_layout(folder_).has_parts()) {
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
  look();
}

Project::~Project() { ::close(lock_); }

std::string Project::Folder::revision() const {
  Hasher hash;
  hash.add(photos.size());
  for (const std::string& photo : photos) hash.add(photo);
  return to_hex(hash.digest()).substr(0, 12);
}

void Project::scan(Folder& folder, const fs::path& path) {
  folder.photos.clear();
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

/// Reads again what has changed since the last look. With the lock.
void Project::look() {
  std::vector<Folder> found;
  std::error_code error;
  for (fs::directory_iterator all(folder_, error), end; !error && all != end; all.increment(error)) {
    if (is_no_class(*all)) continue;
    const std::string name = all->path().filename().string();
    const auto before = std::ranges::find(classes_, name, &Folder::name);
    const bool is_same =
        before != classes_.end() && std::ranges::all_of(before->folders, [](const auto& one) {
          return !one.second.empty() && one.second == file_stamp(one.first);
        });
    found.push_back(is_same ? std::move(*before) : Folder{.name = name, .photos = {}, .folders = {}});
    if (!is_same) scan(found.back(), all->path());
  }
  std::ranges::sort(found, {}, &Folder::name);
  classes_ = std::move(found);
}

Project::Folder& Project::find(const std::string& class_name) {
  const auto found = std::ranges::find(classes_, class_name, &Folder::name);
  if (found == classes_.end())
    throw Refusal(404, cat("there is no class '", printable(class_name), "' any more"));
  return *found;
}

fs::path Project::checked(const PhotoKey& photo) {
  const Folder& folder = find(photo.class_name);
  fs::path file = folder_ / folder.name / photo.name;
  if (!std::ranges::binary_search(folder.photos, photo.name))
    throw Refusal(409, cat("'", printable(photo.name), "' is no longer in ", folder.name,
                           ": it was moved or removed in another window"));
  if (!photo.stamp.empty() && photo.stamp != short_stamp(file))
    throw Refusal(409, cat("'", photo.name, "' has changed since this page showed it"));
  return file;
}

std::vector<ClassSummary> Project::classes() {
  const std::lock_guard lock(mutex_);
  look();
  std::vector<ClassSummary> all;
  for (const Folder& folder : classes_)
    all.push_back({.name = folder.name, .photos = folder.photos.size(), .revision = folder.revision()});
  return all;
}

PhotoPage Project::page(const std::string& class_name, std::size_t offset, std::size_t count) {
  const std::lock_guard lock(mutex_);
  look();
  const Folder& folder = find(class_name);
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
  const std::string name = class_name_of(given);
  const std::lock_guard lock(mutex_);
  if (::mkdir((folder_ / name).c_str(), 0777) != 0) {
    throw errno == EEXIST ? Refusal(409, cat("there is a class '", name, "' already"))
                          : Refusal(500, cat("cannot make the folder: ", std::strerror(errno)));
  }
  flush_folder(folder_);
}

void Project::rename_class(const std::string& name, const std::string& to, const std::string& revision) {
  const std::string new_name = class_name_of(to);
  const std::lock_guard lock(mutex_);
  look();
  if (find(name).revision() != revision)
    throw Refusal(409, cat("the photos of ", name, " have changed meanwhile; look at them once more"));
  if (!rename_to_free(folder_ / name, folder_ / new_name))
    throw Refusal(409, cat("there is a class '", new_name, "' already"));
  flush_folder(folder_);
}

void Project::remove_class(const std::string& name, const std::string& revision) {
  const std::lock_guard lock(mutex_);
  look();
  if (find(name).revision() != revision)
    throw Refusal(409, cat("the photos of ", name, " have changed meanwhile; look at them once more"));
  make_folder(own_folder() / "removed-classes");
  static_cast<void>(put_into(folder_ / name, own_folder() / "removed-classes", name));
}

std::string Project::add_photo(const std::string& class_name, const std::string& name, const fs::path& file,
                               bool& known) {
  const std::lock_guard lock(mutex_);
  // Not at each photo: looking at a large class takes longer than adding to it.
  const bool is_known = std::ranges::find(classes_, class_name, &Folder::name) != classes_.end();
  std::error_code error;
  if (!is_known || !fs::is_directory(folder_ / class_name, error)) look();
  const fs::path folder = folder_ / find(class_name).name;
  known = same_bytes(file, folder / name);
  if (known) {
    fs::remove(file, error);
    return name;
  }
  return put_into(file, folder, name);
}

std::string Project::move_photo(const PhotoKey& photo, const std::string& to) {
  const std::lock_guard lock(mutex_);
  look();
  const fs::path file = checked(photo);
  const fs::path folder = folder_ / find(to).name;
  if (photo.class_name == to) return photo.name;
  return put_into(file, folder, file.filename().string());
}

std::string Project::remove_photo(const PhotoKey& photo) {
  const std::lock_guard lock(mutex_);
  look();
  const fs::path file = checked(photo), folder = own_folder() / "removed" / photo.class_name;
  make_folder(folder);
  return put_into(file, folder, file.filename().string());
}

std::string Project::restore(const std::string& class_name, const std::string& kept) {
  const std::lock_guard lock(mutex_);
  look();
  const std::string folder = find(class_name).name;
  if (kept.empty() || kept.starts_with('.') || kept.find('/') != std::string::npos)
    throw Refusal(400, "expected the name of a removed photo");
  return put_into(own_folder() / "removed" / folder / kept, folder_ / folder, kept);
}

fs::path Project::scratch_file() {
  const std::lock_guard lock(mutex_);
  return own_folder() / "incoming" / std::to_string(++scratch_);
}

}  // namespace graft::serve::studio
