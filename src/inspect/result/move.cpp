// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <set>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/inspect.hpp"

namespace graft::inspect {
namespace {

namespace fs = std::filesystem;

fs::path normal(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(path, error);
  return error ? fs::absolute(path).lexically_normal() : whole;
}

/// "../x" and "/x" are not below.
bool is_below(const fs::path& path, const fs::path& folder) {
  const fs::path relative = normal(path).lexically_relative(normal(folder));
  return !relative.empty() && *relative.begin() != "..";
}

/// As one word for sh: nothing in it is special.
std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

std::vector<MovedPhoto> planned_moves(const Inspection& inspection, std::span<const std::string> lists,
                                      const fs::path& folder) {
  const std::vector<std::string> known = finding_list_names();
  for (const std::string& name : lists) {
    if (std::ranges::find(known, name) != known.end()) continue;
    fail(ErrorKind::invalid_argument, "there is no list '", name, "'; the lists are ", comma_list(known));
  }
  std::vector<MovedPhoto> moves;
  std::set<fs::path> taken;
  for (const FindingList& list : finding_lists(inspection)) {
    if (std::ranges::find(lists, list.name) == lists.end()) continue;
    for (const fs::path& photo : list.photos) {
      if (!taken.insert(photo).second) continue;
      const fs::path below = photo.lexically_relative(inspection.folder);
      const bool inside = !below.empty() && *below.begin() != "..";
      moves.push_back({photo, folder / list.name / (inside ? below : photo.filename())});
    }
  }
  std::set<fs::path> targets;
  for (const MovedPhoto& move : moves) {
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(move.to, ignored)) || !targets.insert(move.to).second) {
      fail(ErrorKind::invalid_argument, move.to.string(),
           " exists already; nothing was moved. Name another folder");
    }
  }
  return moves;
}

/// Moves back what was moved, in reverse; leaves what is not there or in the way.
std::string undo_text(const std::vector<MovedPhoto>& moves) {
  std::string text = "#!/bin/sh\n# Moves the files back to where graft inspect --move-to found them.\n";
  const std::vector<MovedPhoto> latest_first(moves.rbegin(), moves.rend());
  for (const MovedPhoto& move : latest_first) {
    text += cat("mv -n -- ", shell_word(fs::absolute(move.to).lexically_normal().string()), " ",
                shell_word(fs::absolute(move.from).lexically_normal().string()), "\n");
  }
  return text;
}

void move_one(const MovedPhoto& move) {
  std::error_code error;
  fs::create_directories(move.to.parent_path(), error);
  if (error) fail(ErrorKind::io, move.to.parent_path().string(), ": cannot be made: ", error.message());
  fs::rename(move.from, move.to, error);
  if (error == std::errc::cross_device_link) {
    fs::copy_file(move.from, move.to, fs::copy_options::none, error);
    if (!error) fs::remove(move.from, error);
  }
  if (error)
    fail(ErrorKind::io, move.from.string(), ": cannot be moved to ", move.to.string(), ": ", error.message());
}

}  // namespace

std::vector<MovedPhoto> move_photos(const Inspection& inspection, std::span<const std::string> lists,
                                    const fs::path& folder) {
  if (is_below(folder, inspection.folder)) {
    fail(ErrorKind::invalid_argument, folder.string(), " is in the inspected folder ",
         inspection.folder.string(), "; name a folder outside it");
  }
  std::vector<MovedPhoto> moves = planned_moves(inspection, lists, folder);
  if (moves.empty()) return moves;
  std::error_code error;
  if (fs::exists(folder / "undo.sh", error)) {
    fail(ErrorKind::invalid_argument, (folder / "undo.sh").string(),
         " is of an earlier move; nothing was moved. Name another folder");
  }
  fs::create_directories(folder, error);
  if (error) fail(ErrorKind::io, folder.string(), ": cannot be made: ", error.message());
  write_file_atomically(folder / "undo.sh", undo_text(moves));
  for (const MovedPhoto& move : moves) move_one(move);
  return moves;
}

}  // namespace graft::inspect
