// SPDX-License-Identifier: Apache-2.0
#include "data/listing/folders.hpp"

#include <algorithm>
#include <array>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/image.hpp"

#include "data/listing/files.hpp"
#include "data/listing/names.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;

/// In small letters: archives of macOS, network drives of Synology and QNAP, recycle bins, Python's cache.
constexpr std::array<std::string_view, 14> kHelperFolders{
    "__macosx",        "@eadir",   "#recycle",   "#snapshot",           "@tmp",
    "@__thumb",        "@recycle", "recycler",   "$recycle.bin",        "system volume information",
    "temporary items", "recycled", "lost+found", "network trash folder"};

Entry entry_of(const fs::directory_entry& found) {
  Entry entry{.name = found.path().filename().string()};
  std::error_code error;
  entry.is_folder = found.is_directory(error);
  std::error_code ignored;
  entry.is_link = found.is_symlink(ignored);
  if (entry.is_link && error && error != std::errc::no_such_file_or_directory) entry.error = error;
  return entry;
}

}  // namespace

std::string to_lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::vector<Entry> entries_of(const fs::path& folder, std::error_code& error) {
  std::vector<Entry> entries;
  fs::directory_iterator at(folder, error);
  if (error) return entries;
  while (!error && at != fs::directory_iterator()) {
    if (!at->path().filename().string().starts_with(".")) entries.push_back(entry_of(*at));
    at.increment(error);
  }
  if (error) {
    fail(ErrorKind::io, folder.string(), ": listing its files ended early: ", error.message(),
         "; photos would be missing");
  }
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

std::string_view reason_to_pass_by(std::string_view name, const std::vector<Entry>& entries) {
  if (std::ranges::find(kHelperFolders, to_lower(std::string(name))) != kHelperFolders.end())
    return "a folder of the operating system";
  const auto holds = [&](std::string_view file) {
    return std::ranges::find(entries, file, &Entry::name) != entries.end();
  };
  if (holds("model.keras") || holds("unfinished.state") ||
      (holds("result.json") && (holds("settings.json") || holds("predictions.csv"))))
    return "a result of graft";
  return {};
}

bool is_excluded(const fs::path& path, const fs::path& root, const ListOptions& options) {
  if (options.exclude.empty()) return false;
  const std::string name = path.filename().string();
  const std::string below = path.lexically_relative(root).generic_string();
  return std::ranges::any_of(options.exclude, [&](const std::string& pattern) {
    const std::string_view plain = pattern.ends_with('/') && pattern.size() > 1
                                       ? std::string_view(pattern).substr(0, pattern.size() - 1)
                                       : std::string_view(pattern);
    return matches_pattern(name, plain) || matches_pattern(below, plain);
  });
}

std::vector<std::string> useful_folders(const fs::path& directory, const ListOptions& options,
                                        std::vector<std::string>& notes) {
  std::error_code error;
  if (!fs::is_directory(directory, error))
    fail(ErrorKind::not_found, directory.string(), ": there is no such folder");
  const std::vector<Entry> entries = entries_of(directory, error);
  if (error) fail(ErrorKind::io, directory.string(), ": ", error.message());
  std::vector<std::string> names;
  for (const Entry& entry : entries) {
    if (!entry.is_folder || is_excluded(directory / entry.name, directory, options)) continue;
    const std::vector<Entry> inside = entries_of(directory / entry.name, error);
    const std::string_view reason = reason_to_pass_by(entry.name, inside);
    if (reason.empty()) {
      names.push_back(entry.name);
    } else {
      notes.push_back(cat("not used: ", shown((directory / entry.name).string()), ", ", reason));
    }
  }
  return names;
}

bool may_be_photo(const fs::path& file) {
  if (image_format_of(read_head(file, kImageHeadBytes)) != ImageFormat::unknown) return true;
  const std::string lower = to_lower(file.filename().string());
  constexpr std::array<std::string_view, 5> kKerasExtensions{".bmp", ".gif", ".jpeg", ".jpg", ".png"};
  return std::ranges::any_of(kKerasExtensions,
                             [&](std::string_view extension) { return lower.ends_with(extension); });
}

}  // namespace graft::data
