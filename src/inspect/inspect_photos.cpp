// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <set>

#include "graft/applications.hpp"
#include "graft/base/execution_scope.hpp"
#include "graft/base/fail.hpp"
#include "graft/classify/best_class.hpp"
#include "graft/inspect.hpp"
#include "graft/pretrained.hpp"

#include "inspect/features/feature_network.hpp"
#include "inspect/findings/findings.hpp"
#include "inspect/findings/labels.hpp"
#include "inspect/photos/scan.hpp"

namespace graft::inspect {
namespace {

namespace fs = std::filesystem;

class Inspector {
 public:
  Inspector(const fs::path& folder, const InspectOptions& options) : options_(options) {
    result_.folder = folder;
  }

  Inspection run() {
    const ExecutionScope scope(options_.execution);
    list_files();
    open_network();
    ScannedPhotos scanned = scan_photos(files_, {.exif = options_.exif}, network_ ? &*network_ : nullptr,
                                        result_.left_out, stage("photos"));
    count_classes(scanned.photos);
    DuplicateGroups duplicates = find_duplicates(scanned, result_.class_names, options_.limits.similar);
    result_.leaks = find_leaks(scanned.photos, duplicates.groups);
    result_.faults = find_faults(scanned.photos, options_.limits);
    if (network_) {
      judge_labels(scanned, duplicates.groups);
      result_.outliers = find_outliers(scanned.features, duplicates.groups, options_);
      if (scanned.photos.size() > kMostCompared)
        result_.notes.push_back(cat("unusual photos were looked for by the distance to ", kMostCompared,
                                    " of the ", scanned.photos.size(), " photos, evenly spread"));
    }
    result_.duplicates = std::move(duplicates.pairs);
    result_.photos = std::move(scanned.photos);
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::function<bool(std::size_t, std::size_t)> stage(const char* name) const {
    if (!options_.progress) return {};
    return [this, name](std::size_t done, std::size_t total) { return options_.progress(name, done, total); };
  }

  void list_files() {
    const data::Layout layout = data::find_layout(result_.folder, options_.listing);
    result_.notes = layout.notes;
    if (!layout.has_parts()) return list_part(layout.root, "");
    list_part(*layout.train, "train");
    if (layout.validation) list_part(*layout.validation, "validation");
    if (layout.test) list_part(*layout.test, "test");
  }

  /// Classes by sub-folder where there are some; the classes of all parts together are the folder's.
  void list_part(const fs::path& folder, const std::string& part) {
    data::PhotoList list;
    try {
      list = data::list_photos(folder, options_.listing);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::invalid_argument || options_.listing.labels.given()) throw;
      result_.notes.push_back(cat(folder.string(), ": without classes: ", error.what()));
      data::ListOptions plain = options_.listing;
      plain.infer_labels = false;
      plain.class_names.clear();
      list = data::list_photos(folder, plain);
    }
    result_.left_out.insert(result_.left_out.end(), list.left_out.begin(), list.left_out.end());
    result_.notes.insert(result_.notes.end(), list.notes.begin(), list.notes.end());
    if (!list.targets.empty()) {
      result_.notes.emplace_back("photos with numbers: their numbers are not judged");
      list.class_names.clear();
    }
    if (!list.label_sets.empty())
      result_.notes.emplace_back("photos with several labels: their labels are not judged");
    std::vector<int> classes;
    for (const std::string& name : list.class_names) classes.push_back(class_index(name));
    for (std::size_t i = 0; i < list.paths.size(); ++i) {
      const int label = list.labels.empty() ? -1 : classes[static_cast<std::size_t>(list.labels[i])];
      files_.push_back({list.paths[i], list.parts.empty() ? part : part_name(list.parts[i]), label});
    }
  }

  /// Photos of a list without a part are divided later: they train, or not.
  static std::string part_name(data::ListedPart part) {
    return std::string(data::to_string(part == data::ListedPart::unset ? data::ListedPart::train : part));
  }

  int class_index(const std::string& name) {
    const auto found = std::ranges::find(result_.class_names, name);
    if (found == result_.class_names.end()) {
      result_.class_names.push_back(name);
      return static_cast<int>(result_.class_names.size()) - 1;
    }
    return static_cast<int>(found - result_.class_names.begin());
  }

  void open_network() {
    if (!options_.features) return;
    std::string model = options_.model;
    if (model.empty()) {
      const std::vector<const applications::Application*> here = classify::applications_here();
      if (here.empty()) {
        result_.notes.emplace_back(
            "no network's weights are on this computer: wrong labels and outliers were not looked for "
            "(graft models says where weights are looked for)");
        return;
      }
      model = here.front()->name;
    }
    network_.emplace(FeatureNetwork::open(model, options_.weights, options_.execution));
    result_.network = network_->name();
  }

  void count_classes(const std::vector<InspectedPhoto>& photos) {
    for (const std::string& name : result_.class_names) result_.counts.push_back({.name = name});
    for (const InspectedPhoto& photo : photos) {
      if (photo.label < 0) continue;
      ClassCount& count = result_.counts[static_cast<std::size_t>(photo.label)];
      ++(photo.part == "validation" ? count.validation : photo.part == "test" ? count.test : count.train);
    }
  }

  void judge_labels(const ScannedPhotos& scanned, const std::vector<std::size_t>& groups) {
    std::vector<int> labels;
    for (const InspectedPhoto& photo : scanned.photos) {
      if (photo.label < 0) return;
      labels.push_back(photo.label);
    }
    const Tensor& probabilities = result_.probabilities =
        held_out_probabilities({.features = scanned.features,
                                .labels = labels,
                                .classes = result_.class_names.size(),
                                .groups = groups,
                                .seed = options_.seed,
                                .progress = stage("labels")});
    if (probabilities.empty()) {
      if (result_.class_names.size() > 1)
        result_.notes.emplace_back(
            "too few photos to judge their labels: at least 10 different ones are needed");
      return;
    }
    result_.labels = find_label_errors(probabilities, labels);
    const std::size_t right = equal_classes(best_classes(probabilities), labels);
    result_.label_accuracy = static_cast<double>(right) / static_cast<double>(labels.size());
  }

  const InspectOptions& options_;
  Inspection result_;
  std::vector<PhotoToScan> files_;
  std::optional<FeatureNetwork> network_;
};

}  // namespace

Inspection inspect_photos(const fs::path& folder, const InspectOptions& options) {
  return Inspector(folder, options).run();
}

}  // namespace graft::inspect
