// SPDX-License-Identifier: Apache-2.0
#include "cli/sort_into.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <span>

#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/data/photo_bytes.hpp"
#include "graft/hash.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

/// A class's name as that of one folder: it may come from anywhere.
std::string folder_name(const std::string& class_name) {
  constexpr std::size_t kLongest = 200;
  std::string name = class_name.substr(0, kLongest);
  for (char& c : name) {
    if (c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '_';
  }
  if (name.empty() || name.front() == '.') name.insert(0, "_");
  return name;
}

/// One name a class; no two are equal.
std::vector<std::string> folder_names(const std::vector<std::string>& classes) {
  std::set<std::string> taken{PhotoSorter::kDoubtful, PhotoSorter::kBroken, PhotoSorter::kNoLabel};
  std::vector<std::string> names;
  for (const std::string& one : classes) {
    const std::string plain = folder_name(one);
    std::string name = plain;
    for (int number = 2; !taken.insert(name).second; ++number) name = cat(plain, '-', number);
    names.push_back(name);
  }
  return names;
}

/// The photo's whole path, its folder's links followed: the link stays right wherever it is read from.
fs::path whole_path(const fs::path& photo) {
  std::error_code ignored;
  const fs::path folder = photo.has_parent_path() ? photo.parent_path() : ".";
  return fs::weakly_canonical(fs::absolute(folder), ignored) / photo.filename();
}

/// "a.jpg" -> "a-1f0c33a2.jpg", by the photo's path.
fs::path with_digits(const fs::path& name, const fs::path& photo, std::size_t digits) {
  const std::string hash = to_hex(Hasher().add(photo.native()).digest());
  return cat(name.stem().string(), '-', hash.substr(0, digits), name.extension().string());
}

enum class Outcome { made, taken };

[[noreturn]] void fail_at(const fs::path& path) {
  fail(ErrorKind::io, "--sort-into: ", path.string(), ": cannot be made: ", std::strerror(errno));
}

Outcome make_link(const fs::path& photo, const fs::path& at) {
  if (::symlink(photo.c_str(), at.c_str()) == 0) return Outcome::made;
  if (errno != EEXIST) fail_at(at);
  std::error_code ignored;
  return fs::read_symlink(at, ignored) == photo ? Outcome::made : Outcome::taken;
}

bool holds(const fs::path& file, const std::vector<std::byte>& bytes) {
  std::error_code error;
  if (fs::file_size(file, error) != bytes.size() || error) return false;
  std::ifstream in(file, std::ios::binary);
  const std::vector<char> there((std::istreambuf_iterator<char>(in)), {});
  return std::ranges::equal(std::as_bytes(std::span(there)), bytes);
}

/// A file of its own for a photo in an archive; it has its name when it is whole.
Outcome make_copy(const fs::path& photo, const std::vector<std::byte>& bytes, const fs::path& at) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(at, ignored))) return holds(at, bytes) ? Outcome::made : Outcome::taken;
  const fs::path part =
      at.parent_path() / cat(".graft-", to_hex(Hasher().add(photo.native()).digest()), ".part");
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) fail_at(part);
  const int linked = ::link(part.c_str(), at.c_str());
  const int reason = errno;
  ::unlink(part.c_str());
  errno = reason;
  if (linked == 0) return Outcome::made;
  if (errno != EEXIST) fail_at(at);
  return holds(at, bytes) ? Outcome::made : Outcome::taken;
}

bool is_within(const fs::path& path, const fs::path& folder) {
  std::error_code ignored;
  const fs::path below = fs::weakly_canonical(fs::absolute(path), ignored)
                             .lexically_relative(fs::weakly_canonical(fs::absolute(folder), ignored));
  return !below.empty() && *below.begin() != "..";
}

}  // namespace

PhotoSorter::PhotoSorter(fs::path folder, const Classifier& classifier,
                         const std::vector<std::string>& images)
    : folder_(std::move(folder)),
      names_(folder_names(classifier.class_names())),
      several_(classifier.has_several_labels()) {
  std::error_code error;
  if (classifier.gives_numbers())
    fail(ErrorKind::unsupported,
         "--sort-into: not possible with a model that estimates numbers: there are no classes to sort by");
  for (const std::string& image : images) {
    if (fs::is_directory(image, error) && is_within(folder_, image))
      fail(ErrorKind::invalid_argument, "--sort-into ", folder_.string(), " is within ", image,
           ": its links would be photos of the next run; name a folder elsewhere");
  }
  fs::create_directories(folder_, error);
  if (!fs::is_directory(folder_))
    fail(ErrorKind::io, "--sort-into ", folder_.string(),
         ": cannot be made: ", error ? error.message() : "a file has this name");
}

void PhotoSorter::add(const PhotoPrediction& answer) {
  if (!answer.error.empty()) {
    if (answer.unreadable) put(answer, kBroken);
  } else if (answer.unknown) {
    put(answer, kDoubtful);
  } else if (several_) {
    for (const Prediction& label : answer.labels) put(answer, names_[static_cast<std::size_t>(label.index)]);
    if (answer.labels.empty()) put(answer, kNoLabel);
  } else {
    put(answer, names_[static_cast<std::size_t>(answer.decision.index.value())]);
  }
}

void PhotoSorter::put(const PhotoPrediction& answer, const std::string& name) {
  const fs::path photo = whole_path(answer.path);
  std::error_code error;
  const bool packed = data::is_in_archive(answer.path);
  // A file that is not there has nothing to link to.
  if (!packed && !fs::exists(fs::symlink_status(photo, error))) return;
  std::vector<std::byte> bytes;
  try {
    if (packed) bytes = data::read_bytes(answer.path);
  } catch (const Error&) {
    return;  // broken in the archive: it is named among the failures
  }
  const fs::path folder = folder_ / name;
  fs::create_directories(folder, error);
  if (error) fail(ErrorKind::io, "--sort-into: ", folder.string(), ": cannot be made: ", error.message());
  const fs::path plain = photo.filename();
  for (const fs::path& candidate : {plain, with_digits(plain, photo, 8), with_digits(plain, photo, 32)}) {
    const fs::path at = folder / candidate;
    if ((packed ? make_copy(photo, bytes, at) : make_link(photo, at)) == Outcome::made) return;
  }
  fail(ErrorKind::io, "--sort-into: ", (folder / plain).string(),
       ": a file of this name that graft has not made is there; name another folder");
}

}  // namespace graft::cli
