// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/photos.hpp"

#include "data/listing/archive_list.hpp"
#include "data/listing/folders.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// Deeper folders within folders are no layout of photos.
constexpr int kMostWrapping = 8;

enum class Part { none, train, validation, test };

Part part_of_word(std::string_view word) {
  if (word == "train" || word == "training") return Part::train;
  if (word == "val" || word == "validation" || word == "valid") return Part::validation;
  if (word == "test" || word == "testing") return Part::test;
  return Part::none;
}

/// A folder's name as a part of a split: "seg_train" is train of "seg".
struct PartName {
  Part part = Part::none;
  std::string rest;  ///< the other words
};

PartName part_of(const std::string& name) {
  const std::string lower = to_lower(name);
  PartName result;
  std::string word;
  int parts = 0;
  const auto end_word = [&] {
    const Part part = part_of_word(word);
    if (part == Part::none) {
      result.rest += word.empty() ? "" : word + " ";
    } else {
      result.part = part;
      ++parts;
    }
    word.clear();
  };
  for (const char c : lower) {
    const bool letter = (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
    if (!letter) end_word();
    if (c >= '0' && c <= '9') result.rest += c;
    if (letter) word += c;
  }
  end_word();
  return parts == 1 ? result : PartName{};
}

/// Looks into folders; what it finds odd goes to notes.
class Finder {
 public:
  explicit Finder(const ListOptions& options) : options_(options) {}

  Layout find(const fs::path& directory) {
    Layout layout{.root = options_.nested ? unwrapped_part(directory) : unwrapped(directory)};
    std::vector<std::string> notes;
    const Names names = folders_in(layout.root, &notes);
    const std::map<Part, std::string> parts = parts_among(layout.root, names);
    if (!parts.empty()) {
      layout.notes = notes;  // else list_photos() reports them
      set_parts(layout, parts, names);
    } else {
      if (layout.root != directory)
        layout.notes.push_back(cat("the classes are the folders in ", shown(layout.root.string())));
      check_no_parts(layout.root, names);
    }
    return layout;
  }

 private:
  [[nodiscard]] Names folders_in(const fs::path& folder, std::vector<std::string>* notes = nullptr) const {
    std::vector<std::string> unused;
    return useful_folders(folder, options_, notes == nullptr ? unused : *notes);
  }

  [[nodiscard]] static bool has_photo(const fs::path& folder) {
    std::error_code error;
    const std::vector<Entry> entries = entries_of(folder, error);
    return std::ranges::any_of(
        entries, [&](const Entry& entry) { return !entry.is_folder && may_be_photo(folder / entry.name); });
  }

  /// Passes through folders that hold nothing but one folder of folders.
  [[nodiscard]] fs::path unwrapped(fs::path folder) const {
    for (int depth = 0; depth < kMostWrapping; ++depth) {
      const Names names = folders_in(folder);
      if (names.size() != 1 || has_photo(folder)) break;
      const fs::path only = folder / names.front();
      if (folders_in(only).empty() || has_photo(only)) break;
      folder = only;
    }
    return folder;
  }

  /// The folder with the class folders of a part: a part may be wrapped in a folder of the same name.
  [[nodiscard]] fs::path unwrapped_part(fs::path folder) const {
    for (int depth = 0; depth < kMostWrapping; ++depth) {
      const Names names = folders_in(folder);
      if (names.size() != 1 || names.front() != folder.filename() || has_photo(folder)) break;
      folder /= names.front();
    }
    return folder;
  }

  /// The folder of each part; empty where the names are those of classes.
  [[nodiscard]] std::map<Part, std::string> parts_among(const fs::path& root, const Names& names) const {
    if (!options_.class_names.empty()) return {};
    std::map<std::string, std::map<Part, std::string>> by_rest;
    for (const std::string& name : names) {
      const PartName one = part_of(name);
      if (one.part == Part::none) continue;
      const auto [other, fresh] = by_rest[one.rest].emplace(one.part, name);
      if (fresh) continue;
      fail(ErrorKind::invalid_argument, shown(root.string()), " holds both '", shown(other->second),
           "' and '", shown(name), "', which mean the same: remove or rename one");
    }
    for (const auto& [rest, parts] : by_rest) {
      const auto train = parts.find(Part::train);
      if (train == parts.end() || (parts.size() == 1 && (names.size() > 1 || !rest.empty()))) continue;
      const fs::path folder = unwrapped(root / train->second);
      if (!folders_in(folder).empty() && (rest.empty() || !has_photo(folder))) return parts;
    }
    return {};
  }

  void set_parts(Layout& layout, const std::map<Part, std::string>& parts, const Names& names) const {
    const fs::path train = layout.root / parts.at(Part::train);
    layout.train = options_.nested ? unwrapped_part(train) : unwrapped(train);
    const Names classes = folders_in(*layout.train);
    for (const auto& [part, name] : parts) {
      if (part == Part::train) continue;
      const fs::path folder = unwrapped_part(layout.root / name);
      const Names there = folders_in(folder);
      const std::vector<std::ptrdiff_t> matches = match_class_folders(there, classes);
      if (std::ranges::all_of(matches, [](std::ptrdiff_t k) { return k < 0; })) {
        layout.notes.push_back(cat("not used: ", shown(folder.string()),
                                   ", which has none of the class folders of ",
                                   shown(layout.train->string())));
      } else {
        (part == Part::test ? layout.test : layout.validation) = folder;
      }
    }
    for (const std::string& name : names) {
      const auto is_it = [&](const auto& part) { return part.second == name; };
      if (std::ranges::none_of(parts, is_it))
        layout.notes.push_back(
            cat("not used: ", shown((layout.root / name).string()), ", which is no part of the split"));
    }
    describe(layout);
  }

  /// Says where the parts are when that is not obvious from their names.
  static void describe(Layout& layout) {
    const auto is_plain = [&](const std::optional<fs::path>& part) {
      return !part || (part->parent_path() == layout.root && part_of(part->filename().string()).rest.empty());
    };
    if (is_plain(layout.train) && is_plain(layout.validation) && is_plain(layout.test)) return;
    std::string text = "training photos: " + shown(layout.train->string());
    if (layout.validation) text += "; validation: " + shown(layout.validation->string());
    if (layout.test) text += "; test: " + shown(layout.test->string());
    layout.notes.push_back(text);
  }

  /// Refuses folders that are probably parts of a split, not classes: each holds only folders, and their
  /// names are the same in each. Nested classes may be like that.
  void check_no_parts(const fs::path& root, const Names& names) const {
    if (!options_.class_names.empty() || options_.nested || names.size() < 2) return;
    std::optional<Names> common;
    for (const std::string& name : names) {
      const fs::path folder = unwrapped_part(root / name);
      const Names inside = has_photo(folder) ? Names{} : folders_in(folder);
      if (inside.size() < 2 || (common && *common != inside)) return;
      common = inside;
    }
    fail(ErrorKind::invalid_argument, "the folders in ", shown(root.string()), " (", shown(names[0]), ", ",
         shown(names[1]), names.size() > 2 ? ", ..." : "", ") all hold the same folders (",
         shown((*common)[0]), ", ", shown((*common)[1]), common->size() > 2 ? ", ..." : "",
         "): are these the classes? Then name the folder in which they are, and another one as test photos; "
         "or name the classes; or each folder within is a class of its own (nested)");
  }

  const ListOptions& options_;
};

}  // namespace

Layout find_layout(const fs::path& directory, const ListOptions& options) {
  if (options.labels.given() || !archives_at(directory).empty()) return {.root = directory};
  return Finder(options).find(directory);
}

}  // namespace graft::data
