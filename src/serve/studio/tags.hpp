// SPDX-License-Identifier: Apache-2.0
// The labels of a project whose photos may have several: the list labels.csv in its folder.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/studio/project.hpp"

namespace graft::serve::studio {

using Labels = std::vector<std::string>;  ///< sorted, each once
[[nodiscard]] Labels sorted_once(Labels labels);

/// A change of one photo's labels. Unset: nobody has looked at the photo yet, it is not in the list; empty:
/// it has none of the labels, which a training learns too.
struct LabelChange {
  std::string name;
  std::optional<Labels> from, to;
};
/// A photo of a page, and its labels.
struct TaggedPhoto {
  PhotoEntry photo;
  std::optional<Labels> labels;
};
struct TaggedPage {
  std::size_t total = 0;
  std::vector<TaggedPhoto> photos;
};
/// How many photos there are, and of which labels.
struct TagSummary {
  std::size_t photos = 0, open = 0, none = 0;  ///< open: not in the list; none: without a label
  std::map<std::string, std::size_t> labels;
  std::string revision;  ///< changes with the photos and the list
};
/// Which photos a page holds.
enum class TagGroup { all, open, none, label };

/// A row for each photo that somebody has looked at: its path below the project, and its labels with |
/// between. Columns path and labels are known by their usual names; others are kept as they are. Each change
/// writes the list whole, by one rename. Threads: all members may be called from any. Errors: Refusal; 409
/// for a list that is not understood, and for labels that are no longer as the page showed them.
class Tags {
 public:
  explicit Tags(Project& project) : project_(project) {}

  [[nodiscard]] std::filesystem::path file() const { return project_.folder() / "labels.csv"; }
  /// Where there is no list: one of the photos in class folders, each with its folder's name.
  void begin(Grouping before);
  [[nodiscard]] TagSummary summary();
  [[nodiscard]] TaggedPage page(TagGroup group, const std::string& label, std::size_t offset,
                                std::size_t count);
  [[nodiscard]] std::optional<Labels> labels_of(const std::string& name);
  /// Takes a photo that was removed from the list; returns the labels that it had.
  [[nodiscard]] std::optional<Labels> forget(const std::string& name);
  /// All of them, or none.
  void change(const std::vector<LabelChange>& changes);
  /// Gives photos one more label; those that are not there are passed by. Returns what was changed, for its
  /// undoing.
  [[nodiscard]] std::vector<LabelChange> add(const std::vector<std::string>& names, const std::string& label);
  /// Of all photos; to: empty: takes the label away. Returns what was changed.
  [[nodiscard]] std::vector<LabelChange> rename(const std::string& label, const std::string& to);
  /// The columns' names: path=...,label=...
  [[nodiscard]] std::string columns();

 private:
  struct Row {
    std::vector<std::string> fields;
    Labels labels;
  };

  void look();
  void read(const std::string& text);
  void write();
  void set(const std::string& name, const std::optional<Labels>& labels);
  [[nodiscard]] std::optional<Labels> known(const std::string& name) const;

  Project& project_;
  std::mutex mutex_;
  std::string stamp_ = "never read";
  std::vector<std::string> header_{"path", "labels"};
  std::size_t path_column_ = 0, label_column_ = 1;
  std::map<std::string, Row> rows_;
};

/// A label without spaces around it. Errors: Refusal 400 for an empty one, or one with | or control
/// characters.
[[nodiscard]] std::string label_of(std::string_view given);

}  // namespace graft::serve::studio
