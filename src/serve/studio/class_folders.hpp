// SPDX-License-Identifier: Apache-2.0
// The folders of classes below a project, read again only where they have changed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace graft::serve::studio {

/// What the photos of a project are grouped by.
enum class Grouping {
  classes,  ///< each sub-folder is a class with all that is below it
  nested,   ///< each folder that holds photos itself is a class, named by its path: animal/dog
  labels,   ///< a list in the project: photos with several labels, wherever they lie
};
/// "classes", "nested", "labels".
[[nodiscard]] std::string_view to_string(Grouping grouping);

/// One class; of labels the whole project, without a name.
struct ClassFolder {
  std::string name;                                                      ///< its path below the project
  std::vector<std::string> photos{};                                     ///< paths below it, sorted
  std::vector<std::pair<std::filesystem::path, std::string>> folders{};  ///< that were read, and their stamps
  std::vector<std::string> inner{};  ///< of nested classes: names of the folders in it

  /// Changes with the photos.
  [[nodiscard]] std::string revision() const;
};

/// As data::list_photos finds classes: each sub-folder with all that is below it, or (nested) each folder
/// that holds photos itself or no folders, named by its path. Threads: one at a time.
class ClassFolders {
 public:
  explicit ClassFolders(std::filesystem::path root) : root_(std::move(root)) {}

  /// Reads what has changed since the last look.
  void look(Grouping grouping);
  /// All classes, sorted by name.
  [[nodiscard]] const std::vector<ClassFolder>& all() const { return classes_; }
  /// Photos in the project's own folder, in no class, sorted.
  [[nodiscard]] const std::vector<std::string>& loose() const { return loose_; }
  /// Files there that may be lists of labels: .csv, .tsv, .jsonl.
  [[nodiscard]] const std::vector<std::string>& lists() const { return lists_; }
  /// Null: there is no such class.
  [[nodiscard]] const ClassFolder* find(const std::string& name) const;
  /// Whether photos may be put there: a class, or of nested classes also a folder that holds only folders so
  /// far.
  [[nodiscard]] bool takes_photos(const std::string& name) const;
  /// Of nested classes: a class or a folder of classes below this one; empty: there is none.
  [[nodiscard]] std::string one_below(const std::string& name) const;

 private:
  /// What was known of a folder, where nothing has changed; else only its name.
  [[nodiscard]] ClassFolder known_or_empty(const std::string& name);
  void visit(const std::string& name, std::vector<ClassFolder>& classes, std::vector<ClassFolder>& between);

  std::filesystem::path root_;
  Grouping grouping_ = Grouping::classes;
  std::vector<ClassFolder> classes_;
  std::vector<std::string> loose_, lists_;
  std::vector<ClassFolder> between_;  ///< folders that hold nothing but folders
};

}  // namespace graft::serve::studio
