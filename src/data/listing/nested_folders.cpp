// SPDX-License-Identifier: Apache-2.0
#include "data/listing/nested_folders.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "data/listing/folders.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;

class NestedFolders {
 public:
  NestedFolders(const fs::path& root, const ListOptions& options, PhotoList& list)
      : root_(root), options_(options), list_(list) {}

  std::vector<std::string> find() {
    for (const std::string& name : useful_folders(root_, options_, list_.notes)) visit(name);
    std::ranges::sort(names_);
    return std::move(names_);
  }

 private:
  /// name: of a folder, its path below the root. entries: what is in it, where that was read.
  void visit(const std::string& name, std::optional<std::vector<Entry>> entries = std::nullopt) {
    const fs::path folder = root_ / name;
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (!error && !above_.insert(real).second) return;  // a link to a folder above
    if (!error && !entries) entries = entries_of(folder, error);
    if (error) {
      list_.left_out.push_back({.path = folder, .reason = error.message(), .unreadable = true});
      return;
    }
    bool has_folders = false, has_photos = false;
    for (const Entry& entry : *entries) {
      const fs::path whole = folder / entry.name;
      if (is_excluded(whole, root_, options_)) continue;
      if (entry.is_folder) {
        has_folders = enter(name, entry) || has_folders;
      } else {
        has_photos = has_photos || may_be_photo(whole) || is_archive(whole);
      }
    }
    above_.erase(real);
    if (has_photos || !has_folders) names_.push_back(name);
    if (has_photos && has_folders)
      list_.notes.push_back(cat("the photos in ", shown(folder.string()), " itself are the class '",
                                shown(name), "', beside those of its folders"));
  }

  bool enter(const std::string& above, const Entry& entry) {
    const std::string name = above + "/" + entry.name;
    if (entry.is_link && !options_.follow_links) {
      list_.left_out.push_back({.path = root_ / name, .reason = "a link to a folder, not followed"});
      return false;
    }
    std::error_code error;
    std::vector<Entry> entries = entries_of(root_ / name, error);
    const std::string_view reason = reason_to_pass_by(entry.name, entries);
    if (!reason.empty()) {
      list_.notes.push_back(cat("not used: ", shown((root_ / name).string()), ", ", reason));
      return false;
    }
    visit(name, error ? std::nullopt : std::optional(std::move(entries)));
    return true;
  }

  const fs::path& root_;
  const ListOptions& options_;
  PhotoList& list_;
  std::set<fs::path> above_;  ///< the real paths that lead to a folder
  std::vector<std::string> names_;
};

}  // namespace

std::vector<std::string> nested_class_folders(const fs::path& root, const ListOptions& options,
                                              PhotoList& list) {
  return NestedFolders(root, options, list).find();
}

std::vector<std::string> class_folders(const fs::path& root, const ListOptions& options, PhotoList& list) {
  return options.nested ? nested_class_folders(root, options, list)
                        : useful_folders(root, options, list.notes);
}

}  // namespace graft::data
