// SPDX-License-Identifier: Apache-2.0
// Reports of a result folder: report.html, report.json and model_card.md; and comparing runs.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/evaluation.hpp"
#include "graft/json_fwd.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace report {

/// Something that was found about one photo or several, for the report's section "Findings".
struct Finding {
  /// "unreadable", "exact_duplicate", "near_duplicate", "leak", "label", "outlier", "dark", "bright",
  /// "blurred", "flat", "odd_size", "odd_aspect"; another word is shown as it is.
  std::string kind;
  std::vector<std::filesystem::path> files;  ///< the photos, absolute
  std::string text;                          ///< one sentence: what was found
  double score = 0;                          ///< findings of one kind are listed by falling score
  std::string suggested_class;               ///< of a label: the class that it may be; else empty
};

/// A photo with a drawing over it of where the network looked.
struct HeatMap {
  std::filesystem::path file;  ///< the photo, absolute
  std::string method;          ///< "Grad-CAM", "Grad-CAM++", "occlusion"
  std::string layer;           ///< whose output was used; empty for occlusion
  std::string class_name;      ///< what the map explains
  Tensor picture;              ///< uint8 (H, W, 3), at most 400 pixels a side
  std::string text{};          ///< what was answered and what is true, in words; may be empty
};

/// A photo's place in a map of the features.
struct MapPoint {
  double x = 0;                ///< position, in any unit
  double y = 0;                ///< position, in the same unit
  std::filesystem::path file;  ///< the photo, absolute
  std::string class_name;      ///< its class
};

/// Photos by their features, in two dimensions.
struct FeatureMap {
  std::string method;            ///< "PCA", "UMAP", "t-SNE"
  std::vector<MapPoint> points;  ///< the report shows at most kMostMapPoints
};

/// How new photos differ from those that a model was trained on.
struct DriftFinding {
  bool fits = true;      ///< the model still fits
  double score = 0;      ///< what was measured
  double threshold = 0;  ///< what is usual for photos like the training photos
  std::string text;      ///< what was compared and what it means
};

/// Most points of a map that a report shows: each n-th of more.
inline constexpr std::size_t kMostMapPoints = 1000;

/// Most findings of one kind that a report lists; it says how many there are.
inline constexpr std::size_t kMostFindingsOfAKind = 100;

/// Sections that other computations fill. Empty ones are not shown.
struct ReportSections {
  std::vector<Finding> findings;      ///< of the inspection of the photos
  std::vector<HeatMap> heat_maps;     ///< where the network looked
  std::optional<FeatureMap> map;      ///< of the features
  std::optional<DriftFinding> drift;  ///< of an evaluation
  /// One photo as several training steps saw it, changed at random: uint8 (H, W, 3) each.
  std::vector<Tensor> augmented;
};

/// How a report is made.
struct ReportOptions {
  std::size_t photos = 200;  ///< most photos that the page shows, 0 to 5000; findings add at most 90
  /// The command line that made the run, for the page. Empty: that of the report that the folder holds.
  std::string command;
  /// Sections to add. One that is empty stays as it is in the report that the folder holds.
  ReportSections sections;
  /// Called now and then from the calling thread: photos done and photos in all. Return false to stop:
  /// Error{interrupted}; nothing is written then.
  std::function<bool(std::size_t done, std::size_t total)> progress;
};

/// What write_report() wrote.
struct WrittenReport {
  std::filesystem::path html;      ///< report.html
  std::filesystem::path json;      ///< report.json
  std::filesystem::path card;      ///< model_card.md
  std::size_t photos_shown = 0;    ///< photos in the page
  std::size_t photos = 0;          ///< photos with answers
  std::size_t photos_missing = 0;  ///< chosen for the page, but their files cannot be read
};

/// Makes report.html, report.json and model_card.md of a result folder from its files (result.json,
/// predictions.csv, and where they are there history.csv, settings.json, rounds.json, model.keras), in place
/// of an earlier report. Memory does not grow with the photos but for predictions.csv. Same files, same
/// bytes. Errors: Error{not_found} for a folder without result.json; Error{bad_file} naming a broken file;
/// Error{invalid_argument}; Error{io}.
WrittenReport write_report(const std::filesystem::path& run, const ReportOptions& options = {});

/// What figures show beside what is in a result folder.
struct FigureOptions {
  /// One photo as several training steps saw it: uint8 (H, W, 3) each; empty: no such figure.
  std::vector<Tensor> augmented;
};
/// Writes the figures of a result folder that has a report, each as NAME.svg and NAME.png: curves (with the
/// start of fine-tuning), learning_rate, confusion, classes, class_counts, reliability, coverage, samples
/// (nine photos with their classes), augmentations, predictions (with predicted and true class),
/// random_photo, heat_maps, map. A figure without data is not written. folder: made where it is missing.
/// Returns the files. Errors: Error{not_found} for a folder without report.json; Error{bad_file}; Error{io}
/// where a file exists.
std::vector<std::filesystem::path> write_plots(const std::filesystem::path& run,
                                               const std::filesystem::path& folder,
                                               const FigureOptions& options = {});

/// What an evaluation was made of.
struct EvaluationSource {
  std::string model;                     ///< the model file, or the name of an architecture
  std::filesystem::path photos;          ///< the folder that was evaluated
  std::vector<std::string> class_names;  ///< in the order of the model's outputs
  std::vector<double> thresholds{};      ///< of several labels a photo: Classifier::label_thresholds()
  NumberIntervals intervals{};           ///< of numbers: Classifier::number_intervals()
};

/// Writes an evaluation as a result folder, result.json and predictions.csv, with its report. The folder
/// appears complete or not at all. Errors: Error{io} when it exists and is not empty.
WrittenReport write_evaluation(const Evaluation& evaluation, const EvaluationSource& source,
                               const std::filesystem::path& folder, const ReportOptions& options = {});

/// report.json of a folder. Errors: Error{not_found}; Error{bad_file}.
[[nodiscard]] Json read_report(const std::filesystem::path& run);

/// Two answerers on the same photos.
struct PairedCounts {
  std::size_t both = 0;         ///< both right
  std::size_t first_only = 0;   ///< only the first right
  std::size_t second_only = 0;  ///< only the second right
  std::size_t neither = 0;      ///< both wrong
};
/// McNemar's exact test: the probability that photos on which only one of the two is right are divided this
/// unevenly, or more, when both are equally good (binomial with 1/2, two-sided; McNemar 1947). 1 where they
/// never differ.
[[nodiscard]] double mcnemar(const PairedCounts& counts);

/// Fisher's randomisation test of paired differences: the probability that their sum is as far from 0, or
/// farther, when each could as well have the other sign (two-sided; Fisher 1935). All signs are tried for 12
/// differences or fewer, else 9999 random ones, the same each time. 1 for none.
[[nodiscard]] double sign_flips(std::span<const double> differences);

/// Two runs of numbers: how far one of them is off.
struct PairedErrors {
  std::string name;   ///< of the number
  double first = 0;   ///< mean absolute error of the first run
  double second = 0;  ///< of the second, on the same photos
  double p = 1;       ///< sign_flips() of the photos' differences
};

/// Two runs on the photos that both answered without having been trained on them.
struct RunPair {
  std::size_t first = 0;               ///< position of the run among those compared
  std::size_t second = 0;              ///< position of the other one
  std::size_t photos = 0;              ///< test photos of both, or all unseen ones where there are none
  PairedCounts counts{};               ///< of these; of several labels a photo is right where all of them are
  bool test_only = true;               ///< the photos are test photos of both
  double p = 1;                        ///< mcnemar() of the counts
  std::vector<PairedErrors> errors{};  ///< of numbers, in place of counts and p: one each
};

/// One run of a comparison.
struct ComparedRun {
  std::filesystem::path folder;   ///< its result folder
  std::size_t test_photos = 0;    ///< its own test photos
  double test_accuracy = 0;       ///< on them
  Interval interval;              ///< of that accuracy, 95 %
  std::size_t shared_photos = 0;  ///< photos that all runs answered without having been trained on them
  double shared_accuracy = 0;     ///< on these
  /// Of numbers, in place of accuracies: mean absolute errors on both, one a number.
  std::vector<double> test_errors{}, shared_errors{};
};

/// Runs side by side.
struct RunComparison {
  std::string answers = "classes";     ///< what the runs answer with: "classes", "labels" or "numbers"
  std::vector<std::string> numbers{};  ///< names of the numbers; empty: classes or labels
  std::vector<ComparedRun> runs;       ///< in the order given
  std::vector<RunPair> pairs;          ///< each with each later one
};
/// Compares result folders. Photos are the same when their files have the same content, or where a file is
/// gone the same path. Errors: Error{invalid_argument} for fewer than two runs, and for runs of several
/// kinds, or of other labels or numbers; as write_report().
[[nodiscard]] RunComparison compare_runs(const std::vector<std::filesystem::path>& runs);
/// {"answers", "runs": [...], "pairs": [...]}, as `graft compare --json` prints it.
[[nodiscard]] Json to_json(const RunComparison& comparison);

}  // namespace report
}  // namespace graft

#pragma GCC visibility pop
