// SPDX-License-Identifier: Apache-2.0
#include "cli/out_folder.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

namespace graft::cli {

namespace fs = std::filesystem;

namespace {

/// Makes a file in a folder and removes it. The reason why that is impossible, or nothing.
std::string try_to_write(const fs::path& folder) {
  std::string name = (folder / ".graft-XXXXXX").string();
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) return std::strerror(errno);
  ::close(descriptor);
  ::unlink(name.c_str());
  return {};
}

/// The folder is made under a temporary name first, which is a little longer.
void check_name_length(const fs::path& folder, const fs::path& part) {
  constexpr std::size_t kLongest = 240;
  const std::size_t length = part.filename().string().size();
  if (length > kLongest) {
    fail(ErrorKind::io, "--out ", folder.string().substr(0, 60), "...: a name of ", length,
         " bytes is too long for a file system; name another folder");
  }
}

bool is_taken(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (!fs::exists(status)) return false;  // check_writable() reports names that no file can have
  return !fs::is_directory(path, error) || !fs::is_empty(path, error) || error;
}

}  // namespace

fs::path default_out_folder(const fs::path& photos, const std::string& ending) {
  fs::path whole = fs::absolute(photos).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  const std::string name = (whole.has_filename() ? whole.filename().string() : "photos") + ending;
  fs::path folder = name;
  for (int number = 2; is_taken(folder); ++number) folder = cat(name, "-", number);
  return folder;
}

void check_writable(const fs::path& folder) {
  fs::path there = fs::absolute(folder).lexically_normal();
  std::error_code error;
  fs::file_status status = fs::status(there, error);
  while (status.type() == fs::file_type::not_found && there.has_relative_path()) {
    check_name_length(folder, there);
    there = there.parent_path();
    status = fs::status(there, error);
  }
  if (!fs::exists(status))
    fail(ErrorKind::io, "--out ", folder.string(), ": ", error.message(), "; name another folder");
  if (!fs::is_directory(status)) {
    fail(ErrorKind::io, "--out ", folder.string(), ": ", there.string(),
         " is a file, not a folder; name another folder");
  }
  const std::string reason = try_to_write(there);
  if (!reason.empty()) {
    fail(ErrorKind::io, "--out ", folder.string(), ": cannot write to ", there.string(), ": ", reason,
         "; name another folder");
  }
}

void check_output_file(const fs::path& file) {
  std::error_code error;
  const fs::path folder = fs::absolute(file).parent_path();
  const auto refuse = [&](const auto&... reason) {
    fail(ErrorKind::io, file.string(), ": cannot be written: ", reason...);
  };
  const fs::file_status there = fs::status(folder, error);
  if (there.type() == fs::file_type::not_found) refuse("there is no folder ", folder.string());
  if (error) refuse(error.message());
  if (!fs::is_directory(there)) refuse(folder.string(), " is a file, not a folder");
  const fs::file_status status = fs::status(file, error);
  if (fs::is_directory(status)) refuse("it is a folder");
  if (error && status.type() != fs::file_type::not_found) refuse(error.message());
  const std::string reason = try_to_write(folder);
  if (!reason.empty()) refuse(reason);
}

void check_out_folder(const fs::path& folder) {
  if (!is_taken(folder)) return;
  std::error_code error;
  if (fs::exists(folder / kStateFile, error)) {
    fail(ErrorKind::invalid_argument, "--out ", folder.string(),
         " contains an interrupted run; continue it with --resume, name another folder, or remove it first");
  }
  fail(ErrorKind::invalid_argument, "--out ", folder.string(),
       " exists already and is not empty; name another folder, or remove it first");
}

bool is_finished_run(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / kStateFile, error) || !fs::exists(folder / "model.keras", error)) return false;
  std::ifstream in(folder / "result.json", std::ios::binary);
  const Json result = Json::parse(in, nullptr, false);
  return result.is_object() && !result.value("stopped", true);
}

}  // namespace graft::cli
