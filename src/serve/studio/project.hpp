// SPDX-License-Identifier: Apache-2.0
// The folder of a project: one sub-folder of photos per class. The folder is the truth; other programs may
// change it meanwhile.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "serve/studio/class_folders.hpp"

namespace graft::serve::studio {

/// A class as a page shows it. revision: changes with its photos.
struct ClassSummary {
  std::string name;
  std::size_t photos = 0;
  std::string revision;
  bool has_folders = false;  ///< its photos lie in folders below it too
};
/// A photo of a page. stamp: changes with the file.
struct PhotoEntry {
  std::string name, stamp;
};
/// Some photos of a class.
struct PhotoPage {
  std::size_t total = 0;
  std::vector<PhotoEntry> photos;
};
/// Files in the project's own folder, in no class.
struct LooseFiles {
  std::size_t photos = 0;
  std::vector<std::string> lists;  ///< files that may be lists of labels
};
/// One photo as a request names it. stamp: that the page saw; empty: any.
struct PhotoKey {
  std::string class_name, name, stamp;
};

/// Nothing is overwritten or deleted: a photo that finds its name taken gets a number, one that is removed
/// goes to .graft-studio/removed, which no command of graft reads. Each change is one rename, flushed to the
/// disk. Threads: all members may be called from any. Errors: Refusal.
class Project {
 public:
  /// Makes the folder where it is missing. grouping: as set_grouping(); unset: as it was. Errors: Error{io};
  /// Error{invalid_argument} where another studio has it open, or it holds train/ and test/.
  explicit Project(const std::filesystem::path& folder, std::optional<Grouping> grouping = {});
  ~Project();
  Project(const Project&) = delete;
  Project& operator=(const Project&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// The studio's own files: hidden, so that commands pass it by.
  [[nodiscard]] std::filesystem::path own_folder() const { return folder_ / ".graft-studio"; }
  /// What the photos are grouped by; kept in the project. With labels there is one class without a name,
  /// which holds all photos.
  [[nodiscard]] Grouping grouping() const { return grouping_; }
  void set_grouping(Grouping grouping);
  /// All photos below the project, with labels; sorted.
  [[nodiscard]] std::vector<std::string> all_photos();
  /// Some photos of every class, at most this number, as paths from the project's parent folder.
  [[nodiscard]] std::vector<std::string> some_photos(std::size_t most);
  [[nodiscard]] std::vector<ClassSummary> classes();
  [[nodiscard]] LooseFiles loose();
  /// Moves the photos that lie in the project's own folder into a class; returns how many.
  [[nodiscard]] std::size_t move_loose(const std::string& class_name);
  /// The class and name of a file; without a name where it is not below a class's folder. stamp is empty.
  [[nodiscard]] PhotoKey key_of(const std::filesystem::path& file) const;
  [[nodiscard]] PhotoPage page(const std::string& class_name, std::size_t offset, std::size_t count);
  /// The file of a photo that is there and as it was seen.
  [[nodiscard]] std::filesystem::path file_of(const PhotoKey& photo);

  void add_class(const std::string& name);
  void rename_class(const std::string& name, const std::string& to, const std::string& revision);
  /// Returns where it is kept, for restore_class().
  [[nodiscard]] std::string remove_class(const std::string& name, const std::string& revision);
  void restore_class(const std::string& name, const std::string& kept);
  /// Stamps of these photos of a class, as a page has them; empty: it is no longer there.
  [[nodiscard]] std::vector<PhotoEntry> entries(const std::string& class_name,
                                                const std::vector<std::string>& names) const;
  /// Puts a file of own_folder() into a class, with labels into the folder photos; returns its name there.
  /// known: the class had the very same file under this name.
  [[nodiscard]] std::string add_photo(const std::string& class_name, const std::string& name,
                                      const std::filesystem::path& file, bool& known);
  /// Returns the photo's name in the other class.
  [[nodiscard]] std::string move_photo(const PhotoKey& photo, const std::string& to);
  /// Returns where it is kept, for restore().
  [[nodiscard]] std::string remove_photo(const PhotoKey& photo);
  /// Puts it back into its folder. Returns the photo's name in its class.
  [[nodiscard]] std::string restore(const std::string& class_name, const std::string& kept);
  /// A new name in own_folder().
  [[nodiscard]] std::filesystem::path scratch_file();

 private:
  [[nodiscard]] const ClassFolder& find(const std::string& class_name) const;
  [[nodiscard]] std::filesystem::path checked(const PhotoKey& photo) const;
  /// The folder in which photos of a class are put.
  [[nodiscard]] std::filesystem::path folder_for(const std::string& class_name) const;
  /// A class whose photos are those that a page saw, and that holds no other class.
  void check_seen(const std::string& name, const std::string& revision) const;
  /// Makes the folders that lead to a nested class.
  void make_parents(const std::string& class_name) const;
  void remove_empty_parents(const std::string& class_name) const;
  void move_class(const std::filesystem::path& from, const std::string& to);

  std::filesystem::path folder_;
  int lock_ = -1;
  std::mutex mutex_;
  std::atomic<Grouping> grouping_{Grouping::classes};
  ClassFolders classes_;
  std::size_t scratch_ = 0;
};

}  // namespace graft::serve::studio
