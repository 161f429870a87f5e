// SPDX-License-Identifier: Apache-2.0
#include "cli/photos.hpp"

#include <algorithm>
#include <iostream>
#include <span>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/data/photo_bytes.hpp"
#include "graft/evaluation.hpp"

#include "cli/error_text.hpp"
#include "cli/exit_code.hpp"

namespace graft::cli {

namespace fs = std::filesystem;

void check_any_exists(const std::vector<std::string>& names) {
  std::error_code ignored;
  const bool any = std::ranges::any_of(names, [&](const std::string& name) {
    return name == "-" || fs::exists(name, ignored) || data::is_in_archive(name);
  });
  if (!any) fail(ErrorKind::not_found, "there is no file or folder '", names.front(), "'");
}

void fail_without_photos(const std::vector<std::string>& names) {
  fail(ErrorKind::not_found, "there is no photo in ",
       names.size() == 1 && names.front() == "-"
           ? "the names on standard input"
           : comma_list(names, [](const std::string& name) { return shown(name); }));
}

data::PhotoList list_images(const std::vector<std::string>& names, const data::ListOptions& listing) {
  check_any_exists(names);
  if (listing.labels.given()) {
    std::error_code error;
    if (names.size() == 1 && fs::is_directory(names.front(), error))
      return data::list_photos(names.front(), listing);
    fail(ErrorKind::invalid_argument,
         "--labels and --label-from-name: expected one folder with the photos, received ",
         comma_list(
             names, [](const std::string& name) { return shown(name); }, 3));
  }
  data::ListOptions unlabelled = listing;
  unlabelled.infer_labels = false;
  data::PhotoList result;
  for (const std::string& name : names) {
    std::error_code ignored;
    if (fs::is_directory(name, ignored) || data::is_archive(name)) {
      data::PhotoList found = data::list_photos(name, unlabelled);
      result.paths.insert(result.paths.end(), found.paths.begin(), found.paths.end());
      result.left_out.insert(result.left_out.end(), found.left_out.begin(), found.left_out.end());
      result.notes.insert(result.notes.end(), found.notes.begin(), found.notes.end());
    } else {
      result.paths.emplace_back(name);
    }
  }
  return result;
}

bool may_hold_classes(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return false;
  try {
    return !data::find_layout(folder).has_parts();
  } catch (const Error&) {
    return false;
  }
}

void label_by_folder(const fs::path& folder, data::PhotoList& list) {
  if (!may_hold_classes(folder)) return;
  std::vector<std::string> classes;
  for (const fs::path& path : list.paths) {
    const fs::path below = path.lexically_relative(folder);
    if (std::distance(below.begin(), below.end()) < 2) return;
    classes.push_back(below.begin()->string());
  }
  list.class_names = classes;
  std::ranges::sort(list.class_names);
  list.class_names.erase(std::unique(list.class_names.begin(), list.class_names.end()),
                         list.class_names.end());
  for (const std::string& name : classes) {
    const auto at = std::ranges::lower_bound(list.class_names, name);
    list.labels.push_back(static_cast<int>(at - list.class_names.begin()));
  }
}

std::vector<int> true_classes(const Classifier& classifier, const data::PhotoSet& photos) {
  if (photos.labels().empty() || classifier.has_several_labels() || classifier.gives_numbers()) return {};
  try {
    const std::vector<std::size_t> classes = classify::match_classes(classifier, photos.class_names());
    std::vector<int> truth;
    for (const int label : photos.labels())
      truth.push_back(static_cast<int>(classes[static_cast<std::size_t>(label)]));
    return truth;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    return {};
  }
}

std::optional<data::PhotoSet> load_images(const data::PhotoList& list, const data::LoadPhotosOptions& options,
                                          const data::LoadProgress& progress,
                                          std::vector<data::LeftOut>& left_out) {
  data::LoadPhotosOptions tolerant = options;
  tolerant.require_every_class = false;
  tolerant.allow_none = true;
  const data::PhotoSet photos = data::load_photos(list, tolerant, progress);
  left_out = photos.left_out();
  if (photos.size() == 0) return std::nullopt;
  return photos;
}

void report_left_out(const std::vector<data::LeftOut>& left_out) {
  constexpr std::size_t kMostNamed = 100;
  for (const data::LeftOut& file : std::span(left_out).first(std::min(left_out.size(), kMostNamed)))
    std::cerr << "left out: " << shown(file.path.string()) << ": " << file.reason << '\n';
  if (left_out.size() > kMostNamed)
    std::cerr << "left out: ... and " << left_out.size() - kMostNamed << " more; --json lists all\n";
}

void report_notes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) std::cerr << note_text(note) << '\n';
}

int exit_code_for(const std::vector<data::LeftOut>& left_out) {
  return std::ranges::any_of(left_out, &data::LeftOut::unreadable) ? kSomeFailed : kOk;
}

Json file_json(const fs::path& file) {
  const std::string name = file.string();
  Json result{{"file", name}};
  if (is_utf8(name)) return result;
  std::string digits;
  for (const char c : name) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    digits += kDigits[static_cast<unsigned char>(c) / 16U];
    digits += kDigits[static_cast<unsigned char>(c) % 16U];
  }
  result["file_bytes"] = digits;
  return result;
}

Json left_out_json(const std::vector<data::LeftOut>& left_out) {
  Json result = Json::array();
  for (const data::LeftOut& file : left_out) {
    Json one = file_json(file.path);
    one["reason"] = file.reason;
    result.push_back(std::move(one));
  }
  return result;
}

}  // namespace graft::cli
