// SPDX-License-Identifier: Apache-2.0
#include "cli/out_folder.hpp"

#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "graft/base/fail.hpp"

namespace graft::cli {

namespace fs = std::filesystem;

namespace {

bool is_taken(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found) return false;
  return !fs::is_directory(path, error) || !fs::is_empty(path, error) || error;
}

}  // namespace

fs::path default_out_folder(const fs::path& photos) {
  fs::path whole = fs::absolute(photos).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  const std::string name = (whole.has_filename() ? whole.filename().string() : "photos") + "-graft";
  fs::path folder = name;
  for (int number = 2; is_taken(folder); ++number) folder = cat(name, "-", number);
  return folder;
}

void check_writable(const fs::path& folder) {
  fs::path there = fs::absolute(folder).lexically_normal();
  std::error_code error;
  while (!fs::is_directory(there, error) && there.has_relative_path()) there = there.parent_path();
  std::string name = (there / ".graft-XXXXXX").string();
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) {
    fail(ErrorKind::io, "--out ", folder.string(), ": cannot write to ", there.string(), ": ",
         std::strerror(errno), "; name another folder");
  }
  ::close(descriptor);
  ::unlink(name.c_str());
}

void check_out_folder(const fs::path& folder) {
  if (!is_taken(folder)) return;
  if (fs::exists(folder / kStateFile)) {
    fail(ErrorKind::invalid_argument, "--out ", folder.string(),
         " contains an interrupted run; continue it with --resume, name another folder, or remove it first");
  }
  fail(ErrorKind::invalid_argument, "--out ", folder.string(),
       " exists already and is not empty; name another folder, or remove it first");
}

}  // namespace graft::cli
