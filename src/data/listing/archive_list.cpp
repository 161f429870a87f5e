// SPDX-License-Identifier: Apache-2.0
#include "data/listing/archive_list.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "data/archive/archives.hpp"
#include "data/listing/folders.hpp"

namespace graft::data {
namespace {

namespace fs = std::filesystem;
using formats::Archive;
using formats::ArchiveMember;

constexpr std::array<std::string_view, 9> kPhotoEndings{".jpg", ".jpeg", ".png",  ".webp", ".bmp",
                                                        ".gif", ".tif",  ".tiff", ".ppm"};
constexpr std::array<std::string_view, 3> kMorePhotoEndings{".pgm", ".pnm", ".heic"};
constexpr std::uint64_t kLongestLabel = 1U << 16U;

bool ends_like_photo(const std::string& name) {
  const std::string lower = to_lower(name);
  const auto ends = [&](std::string_view ending) { return lower.ends_with(ending); };
  return std::ranges::any_of(kPhotoEndings, ends) || std::ranges::any_of(kMorePhotoEndings, ends);
}

/// WebDataset's key: the name up to the first dot of its last part.
std::string key_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return name.substr(0, name.find('.', slash == std::string::npos ? 0 : slash + 1));
}

/// A part of a split in the words of a name: "imagenet-train-0001".
ListedPart part_in(const std::string& name) {
  ListedPart part = ListedPart::unset;
  std::string word;
  for (const char c : to_lower(name) + " ") {
    if (c >= 'a' && c <= 'z') {
      word += c;
      continue;
    }
    if (word == "train" || word == "training") part = ListedPart::train;
    if (word == "val" || word == "valid" || word == "validation") part = ListedPart::validation;
    if (word == "test" || word == "testing") part = ListedPart::test;
    word.clear();
  }
  return part;
}

/// What is beside a photo.
struct Labels {
  std::vector<std::string> labels;
  bool several = false;
};

Labels labels_in(const Json& json) {
  const auto text = [](const Json& value) {
    return trimmed(value.is_string() ? value.get<std::string>() : value.dump());
  };
  for (const char* key : {"label", "labels", "cls", "class", "class_name", "category"}) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null() || found->is_object()) continue;
    Labels result{.several = found->is_array()};
    if (found->is_array()) {
      for (const Json& one : *found) result.labels.push_back(text(one));
    } else {
      result.labels.push_back(text(*found));
    }
    return result;
  }
  return {};
}

/// Lists one archive after the other.
class ArchiveLister {
 public:
  ArchiveLister(const ListOptions& options, PhotoList& list) : options_(options), list_(list) {}

  void add(const fs::path& file) {
    file_ = file;
    archive_ = open_archive(file);
    beside_.clear();
    for (const ArchiveMember& member : archive_->members()) {
      const std::size_t dot = member.name.rfind('.');
      const std::string ending = dot == std::string::npos ? "" : to_lower(member.name.substr(dot));
      if (ending == ".cls" || ending == ".txt" || ending == ".json")
        beside_[key_of(member.name)][ending] = &member;
    }
    const bool labelled = std::ranges::any_of(archive_->members(), [&](const ArchiveMember& member) {
      return ends_like_photo(member.name) && beside_.contains(key_of(member.name));
    });
    const std::string top = labelled ? std::string() : common_folder();
    for (const ArchiveMember& member : archive_->members()) add_member(member, labelled, top);
  }

  ListedRows take() {
    if (no_label_ > 0)
      list_.notes.push_back(cat(no_label_, " photos in archives have no label and are not used"));
    return std::move(rows_);
  }

 private:
  /// A folder, with / behind it, that holds all photos; a class is below it. Of nested folders it is a part
  /// of the class, unless it has the archive's name or the parts of a split in it.
  [[nodiscard]] std::string common_folder() const {
    std::optional<std::string> common;
    bool wraps = !options_.nested;
    for (const ArchiveMember& member : archive_->members()) {
      if (!ends_like_photo(member.name)) continue;
      const std::size_t slash = member.name.find('/');
      const bool deep = slash != std::string::npos && member.name.find('/', slash + 1) != std::string::npos;
      if (!deep) return {};
      const std::string first = member.name.substr(0, slash + 1);
      if (common && *common != first) return {};
      common = first;
      wraps = wraps || first == file_.stem().string() + "/" ||
              part_in(split(member.name.substr(slash + 1), '/').front()) != ListedPart::unset;
    }
    return wraps ? common.value_or("") : "";
  }

  void add_member(const ArchiveMember& member, bool labelled, const std::string& top) {
    const fs::path path = file_ / member.name;
    if (is_excluded(path, file_, options_)) return;
    if (!ends_like_photo(member.name)) {
      const bool beside = beside_.contains(key_of(member.name)) && labelled;
      if (!beside) list_.left_out.push_back({.path = path, .reason = "not an image"});
      return;
    }
    Labelled photo{.path = path, .part = part_in(file_.stem().string())};
    Labels found =
        labelled ? read_label(key_of(member.name)) : folder_of(member.name.substr(top.size()), photo.part);
    rows_.several = rows_.several || found.several;
    std::erase(found.labels, "");
    std::ranges::sort(found.labels);
    if ((found.labels.empty() && !found.several) || !std::ranges::all_of(found.labels, is_label)) {
      ++no_label_;
      list_.left_out.push_back({.path = path, .reason = "it has no label in the archive"});
      return;
    }
    photo.labels = std::move(found.labels);
    rows_.split = rows_.split || photo.part != ListedPart::unset;
    rows_.photos.push_back(std::move(photo));
  }

  /// The first folder, or below train/, val/ and test/ the second; of nested folders all.
  [[nodiscard]] Labels folder_of(const std::string& name, ListedPart& part) const {
    std::vector<std::string> parts = split(name, '/');
    if (parts.size() > 2 && part_in(parts[0]) != ListedPart::unset) {
      part = part_in(parts[0]);
      parts.erase(parts.begin());
    }
    if (parts.size() < 2) return {};
    std::string label = parts[0];
    for (std::size_t i = 1; options_.nested && i + 1 < parts.size(); ++i) label += "/" + parts[i];
    return {.labels = {label}};
  }

  Labels read_label(const std::string& key) {
    const auto found = beside_.find(key);
    if (found == beside_.end()) return {};
    const auto& members = found->second;
    const auto text = [&](const ArchiveMember& member) {
      if (member.size > kLongestLabel) broken(member, "it is too long for a label");
      try {
        return archive_->read(member);
      } catch (const Error& error) {
        broken(member, error.what());
      }
    };
    for (const char* ending : {".cls", ".txt"}) {
      const auto member = members.find(ending);
      if (member == members.end()) continue;
      const std::string label = trimmed(text(*member->second));
      if (label.find('\n') != std::string::npos) broken(*member->second, "expected one line with a label");
      return {.labels = {label}};
    }
    const ArchiveMember& member = *members.at(".json");
    const Json json = Json::parse(
        text(member), [](int depth, Json::parse_event_t, Json&) { return depth <= 8; }, false);
    if (!json.is_object()) broken(member, "expected a JSON object");
    return labels_in(json);
  }

  [[noreturn]] void broken(const ArchiveMember& member, const std::string& why) const {
    fail(ErrorKind::bad_file, shown(file_.string()), ": the label ", shown(member.name),
         " cannot be used: ", why);
  }

  const ListOptions& options_;
  PhotoList& list_;
  fs::path file_;
  std::shared_ptr<const Archive> archive_;
  /// Members with labels by key and ending.
  std::map<std::string, std::map<std::string, const ArchiveMember*>> beside_;
  ListedRows rows_;
  std::size_t no_label_ = 0;
};

}  // namespace

std::vector<fs::path> archives_at(const fs::path& path) {
  if (Archive::is_archive(path)) return {path};
  std::error_code error;
  if (!fs::is_directory(path, error)) return {};
  std::vector<fs::path> archives;
  for (const Entry& entry : entries_of(path, error)) {
    if (entry.is_folder) return {};
    const std::string ending = to_lower(fs::path(entry.name).extension().string());
    if ((ending == ".tar" || ending == ".zip") && Archive::is_archive(path / entry.name))
      archives.push_back(path / entry.name);
  }
  return archives;
}

void add_photo(const fs::path& photo, const ListOptions& options, PhotoList& list) {
  if (options.on_photo && !options.infer_labels) return options.on_photo(photo);
  list.paths.push_back(photo);
}

void list_archive(const fs::path& file, const ListOptions& options, PhotoList& list) {
  for (const ArchiveMember& member : open_archive(file)->members()) {
    const fs::path path = file / member.name;
    if (is_excluded(path, file, options)) continue;
    const std::string lower = to_lower(member.name);
    if (ends_like_photo(member.name)) {
      add_photo(path, options, list);
    } else if (!lower.ends_with(".cls") && !lower.ends_with(".txt") && !lower.ends_with(".json")) {
      list.left_out.push_back({.path = path, .reason = "not an image"});
    }
  }
}

ListedRows label_archives(const std::vector<fs::path>& archives, const ListOptions& options,
                          PhotoList& list) {
  ArchiveLister lister(options, list);
  for (const fs::path& archive : archives) lister.add(archive);
  return lister.take();
}

}  // namespace graft::data
