// SPDX-License-Identifier: Apache-2.0
#include "cli/run_sections.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <span>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/best_class.hpp"
#include "graft/data/thumbnail.hpp"
#include "graft/explain.hpp"

#include "cli/augmented_photos.hpp"
#include "cli/number_text.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kHeatMapSide = 320;  // of the longer side, in pixels
constexpr int kMapSteps = 400;              // more hardly move the points of a few hundred photos
constexpr std::size_t kFewestOnAMap = 10;   // photos
constexpr std::size_t kAugmentedSamples = 9;
constexpr std::size_t kMostOccluded = 3;  // heat maps that need hundreds of forward passes each

std::string rounded(double value) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

std::string fault_text(const FaultyPicture& one) {
  const std::string value = rounded(one.value), limit = rounded(one.limit);
  switch (one.fault) {
    case PictureFault::dark:
      return cat("95 % of the pixels have a luma of at most ", value, " of 255 (limit ", limit, ").");
    case PictureFault::bright:
      return cat("95 % of the pixels have a luma of at least ", value, " of 255 (limit ", limit, ").");
    case PictureFault::flat:
      return cat("Hardly any contrast: standard deviation of luma ", value, " (limit ", limit, ").");
    case PictureFault::blurred:
      return cat("Its edges are blurred: ", percent(one.value),
                 " of them are left after a further blur (limit ", percent(one.limit), ").");
    case PictureFault::odd_size:
      return cat("Its longer side has ", std::lround(one.value), " pixels; the limit for these photos is ",
                 std::lround(one.limit), ".");
    case PictureFault::odd_aspect:
      return cat("Its longer side is ", value, " times the shorter one; the limit for these photos is ",
                 limit, ".");
  }
  return {};
}

/// The findings of one inspection, list by list.
class FindingWriter {
 public:
  explicit FindingWriter(const Inspection& inspection) : from_(inspection) {}

  std::vector<report::Finding> write() {
    for (const data::LeftOut& one : from_.left_out)
      if (one.unreadable)
        all_.push_back({.kind = "unreadable", .files = {fs::absolute(one.path)}, .text = one.reason});
    labels();
    duplicates();
    for (const LeakedPhoto& one : from_.leaks) {
      add("leak", {one.photo, one.other},
          cat("The first is a ", part(one.photo), " photo, the second a ", part(one.other), " photo."), 0);
    }
    for (const Outlier& one : from_.outliers) {
      const int label = from_.photos[one.photo].label;
      add("outlier", {one.photo},
          cat(label < 0 ? "D" : name(label) + ": d", "istance ", rounded(one.distance),
              " to the nearest others; usual is ", rounded(one.typical), "."),
          one.distance);
    }
    for (const FaultyPicture& one : from_.faults)
      add(std::string(to_string(one.fault)), {one.photo}, fault_text(one), std::abs(one.value - one.limit));
    return std::move(all_);
  }

 private:
  [[nodiscard]] std::string name(int label) const {
    return label < 0 ? std::string("no class") : from_.class_names[static_cast<std::size_t>(label)];
  }
  [[nodiscard]] std::string part(std::size_t photo) const {
    const std::string& part = from_.photos[photo].part;
    return part == "train" ? "training" : part;
  }

  void add(const std::string& kind, const std::vector<std::size_t>& photos, const std::string& text,
           double score) {
    report::Finding finding{.kind = kind, .files = {}, .text = text, .score = score};
    for (const std::size_t photo : photos) finding.files.push_back(fs::absolute(from_.photos[photo].path));
    all_.push_back(std::move(finding));
  }

  void labels() {
    for (const SuspectedLabel& one : from_.labels) {
      add("label", {one.photo},
          cat("Labelled ", name(from_.photos[one.photo].label), " (", percent(one.given_probability),
              "), looks like ", name(one.suggested), " (", percent(one.suggested_probability), ")."),
          one.suggested_probability - one.given_probability);
      all_.back().suggested_class = name(one.suggested);
    }
  }

  void duplicates() {
    for (const DuplicatePair& pair : from_.duplicates) {
      const bool near = pair.kind == DuplicateKind::similar;
      const char* const kind = pair.kind == DuplicateKind::same_file ? "The same file"
                               : near                                ? "Nearly the same picture"
                                                                     : "The same pixels";
      // Pairs of different classes first: one of the labels is wrong.
      add(near ? "near_duplicate" : "exact_duplicate", {pair.first, pair.second},
          cat(kind, pair.differs.empty() ? "" : ": ", pair.differs, "."), pair.other_class ? 1 : 0);
    }
  }

  const Inspection& from_;
  std::vector<report::Finding> all_;
};

std::span<const float> probabilities_of(const PhotoAnswers& answers, std::size_t row) {
  const auto width = static_cast<std::size_t>(answers.probabilities.shape()[1]);
  return answers.probabilities.data().subspan(row * width, width);
}

std::size_t answer_of(const PhotoAnswers& answers, std::size_t row) {
  return best_class(probabilities_of(answers, row));
}

float probability_of(const PhotoAnswers& answers, std::size_t row) {
  return std::ranges::max(probabilities_of(answers, row));
}

/// Answered by the model, which was not trained on the photo.
bool is_explained(const PhotoAnswers& answers, std::size_t row) {
  return answers.parts[row] != Part::train && answers.by_model[row];
}

/// Of several labels, which have thresholds, all of them.
bool is_right(const PhotoAnswers& answers, std::size_t row, const std::vector<double>& thresholds) {
  if (thresholds.empty()) return answer_of(answers, row) == static_cast<std::size_t>(answers.truth[row]);
  std::vector<float> truth(thresholds.size(), 0.0F);
  for (const int label : answers.truth_sets[row]) truth[static_cast<std::size_t>(label)] = 1;
  return labels_are_right(probabilities_of(answers, row), truth, thresholds);
}

/// Of the first number.
std::vector<std::size_t> largest_errors(const PhotoAnswers& answers, std::size_t most) {
  const auto width = static_cast<std::size_t>(answers.truth_numbers.shape()[1]);
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < answers.files.size(); ++i) {
    if (is_explained(answers, i)) rows.push_back(i);
  }
  std::ranges::stable_sort(rows, std::greater<>(), [&](std::size_t row) {
    return std::abs(answers.probabilities.data<float>()[row * width] -
                    answers.truth_numbers.data<float>()[row * width]);
  });
  rows.resize(std::min(rows.size(), most));
  return rows;
}

/// "cat, dog"; "no label".
std::string label_list(const std::vector<std::string>& names) {
  return names.empty() ? std::string("no label") : comma_list(names);
}

/// "answered cat (97.1 %), is dog"; "given cat, has cat, dog"; "answered age 34.2, is 51".
std::string heat_text(const transfer::TrainResult& result, std::size_t row, const Explanation& found) {
  const PhotoAnswers& answers = result.answers;
  if (found.number) {
    const auto width = static_cast<std::size_t>(answers.truth_numbers.shape()[1]);
    const double truth =
        answers.truth_numbers.data<float>()[row * width + static_cast<std::size_t>(found.explained.index)];
    const double step = std::abs(found.number->value - truth);
    return cat("answered ", found.number->name, " ", number_text(found.number->value, step), ", is ",
               number_text(truth, step));
  }
  if (!result.facts.several) {
    const auto truth = static_cast<std::size_t>(answers.truth[row]);
    return cat("answered ", found.predicted.name, " (", percent(found.predicted.probability), "), is ",
               result.class_names[truth]);
  }
  std::vector<std::string> given, has;
  const std::span<const float> probabilities = probabilities_of(answers, row);
  for (std::size_t k = 0; k < probabilities.size(); ++k) {
    if (static_cast<double>(probabilities[k]) >= result.facts.several->thresholds[k])
      given.push_back(result.class_names[k]);
  }
  for (const int label : answers.truth_sets[row])
    has.push_back(result.class_names[static_cast<std::size_t>(label)]);
  return cat("given ", label_list(given), "; has ", label_list(has));
}

report::HeatMap heat_map_of(const Explainer& explainer, const transfer::TrainResult& result, std::size_t row,
                            data::Exif exif) {
  const fs::path& file = result.answers.files[row];
  const Explanation found = explainer.explain(file, probabilities_of(result.answers, row));
  const bool gradient = found.method != ExplainMethod::occlusion;
  return {.file = file,
          .method = gradient ? "Grad-CAM" : "occlusion",
          .layer = found.layer,
          .class_name = found.explained.name,
          .picture = overlay(data::thumbnail(file, kHeatMapSide, exif), found),
          .text = heat_text(result, row, found)};
}

std::vector<report::HeatMap> explain_some(const transfer::TrainResult& result, const fs::path& model,
                                          data::Exif exif, PhotoProgress& progress) {
  std::vector<report::HeatMap> maps;
  const std::vector<std::size_t> rows =
      rows_to_explain(result.answers, kMostHeatMaps,
                      result.facts.several ? result.facts.several->thresholds : std::vector<double>{});
  if (rows.empty()) return maps;
  const Explainer explainer(Classifier::open(model));
  const auto advance = progress.stages();
  for (const std::size_t row : rows) {
    if (!maps.empty() && maps.back().method == "occlusion" && maps.size() >= kMostOccluded) break;
    if (!advance("heat maps", maps.size(), rows.size())) break;
    maps.push_back(heat_map_of(explainer, result, row, exif));
  }
  return maps;
}

/// Where photos with similar features are near each other.
std::optional<report::FeatureMap> map_of(const transfer::TrainResult& result, PhotoProgress& progress) {
  const transfer::FeatureSample& from = result.features;
  if (from.files.size() < kFewestOnAMap) return std::nullopt;
  const auto advance = progress.stages();
  const auto places =
      neighbour_map(from.rows, {.steps = kMapSteps, .progress = [&](std::size_t done, std::size_t total) {
                                  return advance("map", done, total);
                                }});
  report::FeatureMap map{.method = "t-SNE", .points = {}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    map.points.push_back({.x = places[i][0],
                          .y = places[i][1],
                          .file = from.files[i],
                          .class_name = result.class_names[static_cast<std::size_t>(from.labels[i])]});
  }
  return map;
}

/// Does a part of the report; without it the rest is written all the same.
void attempt(const char* what, const std::function<void()>& make) {
  try {
    make();
  } catch (const Error& error) {
    std::cerr << "graft: the report is without " << what << ": " << shown(error.what()) << '\n';
  }
}

}  // namespace

std::vector<report::Finding> findings_of(const Inspection& inspection) {
  return FindingWriter(inspection).write();
}

std::string findings_text(const std::vector<report::Finding>& findings) {
  struct Words {
    std::string_view kind;
    const char* one;
    const char* many;
  };
  constexpr std::array<Words, 6> kWords{{{"label", "label that may be wrong", "labels that may be wrong"},
                                         {"leak", "photo in two parts", "photos in two parts"},
                                         {"exact_duplicate", "equal pair", "equal pairs"},
                                         {"near_duplicate", "nearly equal pair", "nearly equal pairs"},
                                         {"outlier", "unusual photo", "unusual photos"},
                                         {"unreadable", "unreadable file", "unreadable files"}}};
  std::vector<std::string> parts;
  std::size_t named = 0;
  for (const Words& words : kWords) {
    const auto count =
        static_cast<std::size_t>(std::ranges::count(findings, words.kind, &report::Finding::kind));
    named += count;
    if (count > 0) parts.push_back(counted(count, words.one, words.many));
  }
  const std::size_t faults = findings.size() - named;
  if (faults > 0)
    parts.push_back(counted(faults, "dark, bright, blurred or odd one", "dark, bright, blurred or odd ones"));
  return parts.empty() ? std::string() : "photos to look at: " + comma_list(parts);
}

std::vector<std::size_t> rows_to_explain(const PhotoAnswers& answers, std::size_t most,
                                         const std::vector<double>& thresholds) {
  if (!answers.truth_numbers.empty()) return largest_errors(answers, most);
  std::vector<std::size_t> wrong, right;
  for (std::size_t i = 0; i < answers.files.size(); ++i) {
    if (!is_explained(answers, i)) continue;
    (is_right(answers, i, thresholds) ? right : wrong).push_back(i);
  }
  const auto certainty = [&](std::size_t row) {
    return thresholds.empty() ? static_cast<double>(probability_of(answers, row))
                              : label_certainty(probabilities_of(answers, row), thresholds).probability;
  };
  std::ranges::stable_sort(wrong, std::greater<>(), certainty);
  std::ranges::stable_sort(right, std::less<>(), certainty);
  wrong.insert(wrong.end(), right.begin(), right.end());
  wrong.resize(std::min(wrong.size(), most));
  return wrong;
}

report::ReportSections run_sections(const transfer::TrainResult& result,
                                    const transfer::TrainOptions& options, const fs::path& folder,
                                    bool quiet) {
  report::ReportSections sections;
  if (result.stopped) return sections;
  PhotoProgress progress(quiet);
  attempt("findings", [&] {
    RunInspectOptions inspecting{.exif = options.exif};
    inspecting.execution.threads = options.threads;
    inspecting.progress = progress.stages();
    const Inspection found = inspect_run(result, inspecting);
    write_inspection(folder / "inspection", found);
    sections.findings = findings_of(found);
  });
  attempt("heat maps",
          [&] { sections.heat_maps = explain_some(result, folder / "model.keras", options.exif, progress); });
  attempt("a map of the features", [&] { sections.map = map_of(result, progress); });
  sections.augmented = augmentations_of_run(folder, kAugmentedSamples);
  progress.clear();
  return sections;
}

}  // namespace graft::cli
