// SPDX-License-Identifier: Apache-2.0
// The photos of a training run, inspected with what the run knows of them.
#include <algorithm>
#include <map>
#include <optional>

#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/classify/best_class.hpp"
#include "graft/inspect.hpp"
#include "graft/train.hpp"

#include "inspect/findings/findings.hpp"
#include "inspect/photos/scan.hpp"

namespace graft::inspect {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFewestToJudge = 10;  // answers, to judge labels by

std::string part_text(Part part) {
  return part == Part::train ? "train" : part == Part::validation ? "validation" : "test";
}

class RunInspector {
 public:
  RunInspector(const TrainResult& result, const RunInspectOptions& options)
      : run_(result), answers_(result.answers), options_(options) {
    found_.network = result.network;
    take_labels();
    for (const std::string& name : found_.class_names) found_.counts.push_back({.name = name});
  }

  Inspection run() {
    const ExecutionScope scope(options_.execution);
    std::copy_if(run_.left_out.begin(), run_.left_out.end(), std::back_inserter(found_.left_out),
                 [](const data::LeftOut& one) { return one.unreadable; });
    ScannedPhotos scanned = scan();
    for (std::size_t i = 0; i < scanned.photos.size(); ++i) number_.emplace(scanned.photos[i].path, i);
    count(scanned.photos);
    DuplicateGroups duplicates = find_duplicates(scanned, found_.class_names, options_.limits.similar);
    found_.leaks = find_leaks(scanned.photos, duplicates.groups);
    found_.faults = find_faults(scanned.photos, options_.limits);
    found_.duplicates = std::move(duplicates.pairs);
    judge_labels();
    find_far_photos();
    found_.photos = std::move(scanned.photos);
    return std::move(found_);
  }

 private:
  /// The classes of the photos. Of several labels each set of them is one, "cat|dog"; of numbers there are
  /// none.
  void take_labels() {
    labels_ = answers_.truth;
    if (!answers_.truth_numbers.empty()) {
      labels_.assign(answers_.files.size(), -1);
      return;
    }
    if (answers_.truth_sets.empty()) {
      found_.class_names = run_.class_names;
      return;
    }
    std::map<std::vector<int>, int> numbers;
    for (const std::vector<int>& set : answers_.truth_sets) {
      const auto [found, added] = numbers.emplace(set, static_cast<int>(found_.class_names.size()));
      if (added) found_.class_names.push_back(name_of_set(set));
      labels_.push_back(found->second);
    }
  }

  [[nodiscard]] std::string name_of_set(const std::vector<int>& set) const {
    std::string text;
    for (const int label : set)
      text += (text.empty() ? "" : "|") + run_.class_names.at(static_cast<std::size_t>(label));
    return set.empty() ? "no label" : text;
  }

  ScannedPhotos scan() {
    std::vector<PhotoToScan> files;
    for (std::size_t i = 0; i < answers_.files.size(); ++i)
      files.push_back({answers_.files[i], part_text(answers_.parts[i]), labels_[i]});
    // All or none: fingerprints of resized pixels are not compared with those of whole photos.
    const bool seen =
        std::ranges::all_of(files, [&](const PhotoToScan& photo) { return facts_of(photo.path); });
    if (seen) {
      ScannedPhotos known;
      for (const PhotoToScan& photo : files) known.add(photo, *facts_of(photo.path));
      return known;
    }
    std::function<bool(std::size_t, std::size_t)> progress;
    if (options_.progress) {
      progress = [&](std::size_t done, std::size_t total) {
        return options_.progress("inspection", done, total);
      };
    }
    return scan_photos(files, {.exif = options_.exif}, nullptr, found_.left_out, progress);
  }

  /// What the run learnt of a photo; null: nothing.
  [[nodiscard]] const data::PhotoFacts* facts_of(const fs::path& file) const {
    const auto at = std::ranges::lower_bound(run_.loaded, file, {}, &LoadedPhoto::file);
    return at == run_.loaded.end() || at->file != file ? nullptr : &at->facts;
  }

  void count(const std::vector<InspectedPhoto>& photos) {
    for (const InspectedPhoto& photo : photos) {
      if (photo.label < 0) continue;
      ClassCount& count = found_.counts[static_cast<std::size_t>(photo.label)];
      ++(photo.part == "validation" ? count.validation : photo.part == "test" ? count.test : count.train);
    }
  }

  [[nodiscard]] std::optional<std::size_t> number_of(const fs::path& file) const {
    const auto known = number_.find(file);
    return known == number_.end() ? std::nullopt : std::optional(known->second);
  }

  /// By the answers for photos that what answered had not seen.
  void judge_labels() {
    if (answers_.truth.empty()) return;  // several labels or numbers
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < answers_.files.size(); ++i) {
      if (!answers_.seen(i) && number_of(answers_.files[i])) rows.push_back(i);
    }
    if (rows.size() < answers_.files.size()) {
      found_.notes.push_back(cat("labels were judged for ", rows.size(), " of ", answers_.files.size(),
                                 " photos: the model had seen the others"));
    }
    if (rows.size() < kFewestToJudge || found_.class_names.size() < 2) return;
    const auto width = static_cast<std::int64_t>(found_.class_names.size());
    Tensor probabilities({static_cast<std::int64_t>(rows.size()), width});
    std::vector<int> labels;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto to = static_cast<std::int64_t>(i);
      const auto from = static_cast<std::int64_t>(rows[i]);
      probabilities.slice(to, to + 1).copy_from(answers_.probabilities.slice(from, from + 1));
      labels.push_back(answers_.truth[rows[i]]);
    }
    const std::size_t right = equal_classes(best_classes(probabilities), labels);
    found_.label_accuracy = static_cast<double>(right) / static_cast<double>(labels.size());
    found_.labels = find_label_errors(probabilities, labels);
    for (SuspectedLabel& one : found_.labels) one.photo = *number_of(answers_.files[rows[one.photo]]);
  }

  void find_far_photos() {
    std::vector<std::size_t> photos;
    std::vector<double> distances;
    for (const PhotoDistance& one : run_.distances) {
      const std::optional<std::size_t> photo = number_of(one.file);
      if (!photo) continue;
      photos.push_back(*photo);
      distances.push_back(one.distance);
    }
    if (photos.size() < answers_.files.size())
      found_.notes.push_back(cat("unusual photos were looked for among ", photos.size(), " of ",
                                 answers_.files.size(), " photos: those whose features are compared"));
    found_.outliers = outliers_of(distances, options_.limits.outlier);
    for (Outlier& one : found_.outliers) one.photo = photos[one.photo];
  }

  const TrainResult& run_;
  const PhotoAnswers& answers_;
  const RunInspectOptions& options_;
  Inspection found_;
  std::vector<int> labels_;                 ///< of each answer, see take_labels()
  std::map<fs::path, std::size_t> number_;  ///< of a photo by its file
};

}  // namespace

Inspection inspect_run(const TrainResult& result, const RunInspectOptions& options) {
  return RunInspector(result, options).run();
}

}  // namespace graft::inspect
