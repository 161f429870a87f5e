// SPDX-License-Identifier: Apache-2.0
// How good a classifier is: accuracy and recall on labelled photos, with one label or several; calibration;
// which photos it was made with, and how near new photos are to those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/classifier.hpp"
#include "graft/dataset.hpp"
#include "graft/json_fwd.hpp"
#include "graft/model.hpp"
#include "graft/photos.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace classify {

/// One class among several labels.
struct LabelFigures {
  std::size_t photos = 0;        ///< photos that have the label
  std::size_t answers = 0;       ///< photos that are given it
  double average_precision = 0;  ///< area under precision over recall, as scikit-learn's step function
  double precision = 0;          ///< of the photos that are given it the part that has it; 0 for none
  double recall = 0;             ///< of the photos that have it the part that is given it; 0 for none
  double f1 = 0;                 ///< harmonic mean of both
};

/// How good answers with several labels are. Definitions and values are scikit-learn's.
struct SeveralLabelsFigures {
  std::size_t photos = 0;             ///< number of photos
  double mean_average_precision = 0;  ///< mean over the classes that have photos
  double f1_micro = 0;                ///< of all decisions together
  double f1_macro = 0;                ///< mean of the classes' f1, those without photos included
  double exact_match = 0;             ///< part of the photos with all labels right
  double hamming_loss = 0;            ///< part of all decisions that is wrong
  std::vector<LabelFigures> classes;  ///< one a class
};

/// Compares answers with the truth.
///   probabilities  float32 (N, K)
///   truth          float32 (N, K), 1 where a photo has a label, else 0
///   thresholds     K probabilities from which on a label is given
/// Errors: Error{shape_mismatch}; Error{invalid_argument} for a truth other than 0 and 1, and for a
/// probability that is no number.
[[nodiscard]] SeveralLabelsFigures several_labels_figures(const Tensor& probabilities, const Tensor& truth,
                                                          const std::vector<double>& thresholds);

/// With fewer photos that have a label, or lack it, its threshold would be chance: it is 0.5.
inline constexpr std::size_t kFewestForThreshold = 5;

/// For each class the threshold with the highest F1 on these answers, in the middle between two
/// probabilities; of equal ones the nearest to 0.5. Answers must be for photos that what answered was not
/// trained on. Errors: as several_labels_figures().
[[nodiscard]] std::vector<double> find_label_thresholds(const Tensor& probabilities, const Tensor& truth);

/// {"mean_average_precision", ..., "classes": [{"name", "photos", ...}]}
[[nodiscard]] Json to_json(const SeveralLabelsFigures& figures, const std::vector<std::string>& class_names);

/// The figures where several labels count as one, as LevelFigures has it: a photo has animal where it has
/// animal/cat or animal/dog, and is given it where it is given one of them.
struct SeveralLevelFigures {
  std::size_t level = 1;           ///< see LevelFigures
  std::vector<std::string> names;  ///< see LevelFigures
  SeveralLabelsFigures figures;  ///< of these names; what photos are ordered by for the average precision is
                                 ///< how far the surest of a name's labels is beyond its threshold
};
/// The levels as level_figures() has them. Others as in several_labels_figures(), also its errors.
[[nodiscard]] std::vector<SeveralLevelFigures> several_level_figures(
    const std::vector<std::string>& class_names, const Tensor& probabilities, const Tensor& truth,
    const std::vector<double>& thresholds);
/// [{"level", "names", and what the JSON of SeveralLabelsFigures has}], one a level.
[[nodiscard]] Json to_json(const std::vector<SeveralLevelFigures>& levels);

}  // namespace classify
}  // namespace graft

namespace graft {

/// Bounds of an estimated quantity.
struct Interval {
  double low = 0;   ///< lower bound
  double high = 0;  ///< upper bound
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// Wilson's score interval of 95 % for a fraction observed as `right` of `total`; unlike simpler intervals it
/// is sensible for 20 right out of 20, too (Wilson 1927; Brown, Cai and DasGupta 2001). For total 0 it is 0
/// to 1. Errors: Error{invalid_argument} for right > total.
[[nodiscard]] Interval wilson_interval(std::size_t right, std::size_t total);

/// Mean and spread of repeated measurements.
struct Spread {
  double mean = 0;       ///< arithmetic mean
  double deviation = 0;  ///< standard deviation of the sample (divided by n - 1); 0 for a single value
  double lowest = 0;     ///< smallest value
  double highest = 0;    ///< largest value
};
/// All 0 for no values.
[[nodiscard]] Spread spread_of(std::span<const double> values);

}  // namespace graft

namespace graft {
inline namespace classify {

/// How good answers with numbers are. Definitions and values are scikit-learn's; the intervals of 95 % are
/// those of kNumberResamples bootstrap samples of the photos (Efron's percentiles), the same each time.
struct NumberFigures {
  std::size_t photos = 0;            ///< number of photos
  double mean_absolute_error = 0;    ///< mean of |answer - truth|
  Interval absolute_error_interval;  ///< of it
  double mean_squared_error = 0;     ///< mean of (answer - truth)^2; its root is the usual "RMSE"
  Interval squared_error_interval;   ///< of it
  /// 1 - squared error / variance of the truth: 1 for right answers, 0 for always answering with the mean.
  /// Where the truth does not vary 1 or 0; unset for fewer than two photos.
  std::optional<double> r2{};
  std::optional<Interval> r2_interval{};  ///< of it
  double median_absolute_error = 0;       ///< of |answer - truth|
  double lowest = 0, highest = 0;         ///< of the truth
  std::optional<double> covered{};        ///< part of the photos in their intervals; unset: there are none
};
/// Number of bootstrap samples.
inline constexpr std::size_t kNumberResamples = 1000;

/// Compares answers with the truth, one result a number.
///   answers    float32 (N, K)
///   truth      float32 (N, K)
///   intervals  those of the answers, for NumberFigures::covered
/// Errors: Error{shape_mismatch}; Error{invalid_argument} for values that are no numbers, and for no photo.
[[nodiscard]] std::vector<NumberFigures> number_figures(const Tensor& answers, const Tensor& truth,
                                                        const NumberIntervals& intervals = {});
/// The interval of a new photo's number by split conformal prediction (Vovk, Gammerman and Shafer 2005): of n
/// answers the distance to the truth number ceil((n + 1) level), in ascending order. No half widths where n
/// is too small for that. Answers must be for photos that what answered was not trained on. Errors: as
/// number_figures(); Error{invalid_argument} for a level that is not above 0 and below 1.
[[nodiscard]] NumberIntervals find_number_intervals(const Tensor& answers, const Tensor& truth,
                                                    double level = 0.9);
/// [{"name", "mean_absolute_error", ...}], one a number.
[[nodiscard]] Json to_json(const std::vector<NumberFigures>& figures, const std::vector<std::string>& names);

/// Expected calibration error (Naeini et al. 2015, as Guo et al. 2017 use it): photos in bins of equal width
/// by the probability of their predicted class; the mean over photos of |accuracy - mean probability| of
/// their bin.
///   probabilities  float32 (N, classes)
///   labels         the class of each row
[[nodiscard]] double expected_calibration_error(const Tensor& probabilities, const std::vector<int>& labels,
                                                std::size_t bins = 15);

/// Of logits float32 (N, classes) the temperature T > 0 for which softmax(logits / T) has the least
/// cross-entropy on the labels (Guo et al., "On calibration of modern neural networks", 2017), within 1/20
/// to 20. A photo counts as its own class by (N + 1) / (N + 2), as in Platt's targets (1999), and by the rest
/// as the likeliest other class: a few right answers are no certainty.
[[nodiscard]] double fit_temperature(const Tensor& logits, const std::vector<int>& labels);

/// A temperature and its effect. The figures are of photos other than those that the temperature was
/// found with: each fifth of the photos with the temperature of the rest.
struct Calibration {
  double temperature = 1;  ///< what logits are divided by; above 1 for a classifier that was too confident; 1
                           ///< where no temperature makes the loss lower on photos it was not found with
  double ece_before = 0;   ///< expected_calibration_error() before the division
  double ece_after = 0;    ///< the same after it
  double loss_before = 0;  ///< mean cross-entropy before the division
  double loss_after = 0;   ///< the same after it
  std::size_t photos = 0;  ///< number of photos
};

/// With fewer photos a temperature is chance.
inline constexpr std::size_t kFewestToCalibrate = 10;

/// Finds a temperature from logits float32 (N, classes) of photos that what answered was not trained on, and
/// measures it by fifths, each with its share of the classes. Errors: Error{invalid_argument} for fewer than
/// kFewestToCalibrate photos.
[[nodiscard]] Calibration find_calibration(const Tensor& logits, const std::vector<int>& labels);

/// Divides the last Dense layer's weights by a temperature: probabilities change, predicted classes do not.
/// Throws Error{unsupported} for a model that does not end in a Dense layer (with or without an activation
/// after it).
void apply_temperature(Model& model, double temperature);

/// find_calibration() on photos that a classifier was not trained on, and apply_temperature(). output: as in
/// the classifier's metadata ("softmax", "logits", "sigmoid", "binary_logit"). Errors: of both.
Calibration calibrate(Model& model, const data::Dataset& photos, const std::string& output);

// Which photos a model was made with.

/// The file in a result folder that holds the photos of each round of training.
inline constexpr const char* kRoundsFile = "rounds.json";

/// Part of a data set.
enum class Part { train, validation, test };

/// A photo of a round.
struct KnownPhoto {
  std::filesystem::path file;  ///< absolute
  std::string class_name;      ///< name of its class
  std::string print;           ///< of its content; empty: the file could not be read
  Part part = Part::train;     ///< part that it had in that round
};

/// What rounds.json, in a result folder beside the model, records of one round.
struct RoundRecord {
  std::string photos;                ///< the folder that was trained on
  std::vector<std::string> classes;  ///< in the order of the model's outputs
  double test_accuracy = 0;          ///< fraction of 1
  std::vector<KnownPhoto> known;     ///< all photos of the round
};

/// Answers for the photos of a run, for predictions.csv: the test photos and, where they chose only, the
/// validation photos by the model; training photos by heads like the model's that were solved without them.
/// Where there are no such heads (recipes that train by gradient, photos too few for folds) the model itself
/// answers for its training photos: by_model is true and the part is train, and nothing can be judged by
/// them. Rows of all members belong together.
struct PhotoAnswers {
  std::vector<std::filesystem::path> files;  ///< the photo, absolute
  std::vector<Part> parts;                   ///< the part that it had
  std::vector<std::size_t> folds;            ///< of training photos the fold, from 1; else 0
  std::vector<bool> by_model;                ///< false: answered by a head that was solved without the photo
  std::vector<int> truth;                    ///< its class
  /// Of several labels, in place of truth: its classes, sorted.
  std::vector<std::vector<int>> truth_sets{};
  Tensor truth_numbers{};  ///< of numbers, in place of truth: float32 (photos, numbers)
  Tensor probabilities;    ///< float32 (photos, classes); of numbers: the answers
  /// Whether the model answered for a photo that it was trained on.
  [[nodiscard]] bool seen(std::size_t i) const { return by_model[i] && parts[i] == Part::train; }
};

/// See graft/evaluation.hpp.
struct Drift;

// How well a classifier does on photos sorted into class folders.

/// Photos of an evaluation that the model was made with, as the rounds.json beside it records them by their
/// content. Figures of such photos are better than those of new ones.
struct SeenPhotos {
  std::size_t trained = 0;    ///< number of photos that it was trained on
  std::size_t chosen_by = 0;  ///< number of photos that training chose by: validation
  std::size_t unseen = 0;     ///< number of the others
  std::size_t right = 0;      ///< unseen photos whose most probable class is theirs
  double accuracy = 0;        ///< right / unseen, 0..1
  Interval interval;          ///< of that accuracy, 95 %
};

/// The figures of a classifier on labelled photos.
struct Evaluation {
  std::size_t photos = 0;        ///< number of photos compared
  std::size_t right = 0;         ///< photos whose most probable class is theirs
  double accuracy = 0;           ///< right / photos, 0..1
  Interval interval;             ///< of the accuracy, 95 %
  double loss = 0;               ///< mean cross-entropy, probabilities bounded as in Keras
  double calibration_error = 0;  ///< expected_calibration_error() of the probabilities
  std::vector<std::vector<std::int64_t>> confusion;  ///< [true class][predicted class]
  std::vector<data::LeftOut> left_out;               ///< files that could not be read, or were not used
  std::vector<std::string> notes;                    ///< see data::PhotoSet::notes()
  /// Of evaluate() on a folder, photo by photo. The part is the one that the photo had when the model was
  /// made; test for photos that it was not made with.
  PhotoAnswers answers;
  std::optional<SeenPhotos> seen;  ///< unset: nothing is recorded beside the model, or none was seen
  /// The photos compared with the training photos (graft/evaluation.hpp); null: the model file has no
  /// features of them, or there are fewer than kFewestForDrift photos.
  std::shared_ptr<const Drift> drift{};
  DecisionRules rules{};        ///< of evaluate() on a folder: Classifier::decision_rules()
  DecisionFigures decisions{};  ///< what these rules make of the photos
  /// Of a classifier that gives several labels: their figures with its thresholds. accuracy is then that of
  /// all labels of a photo being right, loss Keras's binary cross-entropy, decisions those of
  /// label_decision_figures() without rules.min_recall; confusion, seen and calibration_error are empty.
  std::optional<SeveralLabelsFigures> several{};
  std::vector<SeveralLevelFigures> several_levels{};  ///< of the same, where labels are nested: animal/dog
  /// Of a classifier of numbers: one each, by name in NumberAnswer's order; else empty. Of the other figures
  /// only loss, Keras's mean squared error, and drift have a meaning then.
  std::vector<NumberFigures> numbers{};
};

/// What a confusion says class by class. Where classes are uneven, accuracy alone says little.
struct ClassFigures {
  std::vector<std::int64_t> photos;  ///< number of photos of each class
  std::vector<double> recall;        ///< of each class the part that was found, 0..1; 0 for no photos
  std::vector<double> precision;     ///< of the answers for each class the part that is right; 0 for none
  double balanced_accuracy = 0;      ///< mean recall of the classes that have photos
  std::size_t most_frequent = 0;     ///< the class with the most photos, of equal ones the first
  double trivial_accuracy = 0;       ///< accuracy of always answering with that class
};
/// confusion: [true class][predicted class], square.
[[nodiscard]] ClassFigures class_figures(const std::vector<std::vector<std::int64_t>>& confusion);

/// How good answers are where several classes count as one: of the classes animal/cat, animal/dog and
/// plant/rose at level 1 animal and plant.
struct LevelFigures {
  std::size_t level = 1;           ///< number of names, from the first, by which classes are distinguished
  std::vector<std::string> names;  ///< what is distinguished, in the order of the classes: "animal", "plant"
  std::size_t right = 0;           ///< photos whose answer and truth are of the same name
  std::size_t photos = 0;          ///< all photos
  double accuracy = 0;             ///< right / photos, 0..1; 0 for no photos
  Interval interval;               ///< of the accuracy, 95 %
  std::vector<std::vector<std::int64_t>> confusion;  ///< [true name][answered name]
  friend bool operator==(const LevelFigures&, const LevelFigures&) = default;
};
/// The levels of class names with / in them, from the first, without those at which each class is by itself
/// or all classes are one. A name with fewer parts is itself at deeper levels. Empty: the names have no such
/// level. confusion: [true class][predicted class], of the classes; empty: there are no
/// figures.
[[nodiscard]] std::vector<LevelFigures> level_figures(
    const std::vector<std::string>& class_names, const std::vector<std::vector<std::int64_t>>& confusion);
/// [{"level", "names", "accuracy", "accuracy_interval", "photos", "confusion"}], one a level.
[[nodiscard]] Json to_json(const std::vector<LevelFigures>& levels);

/// The classifier's class for each folder name: by its name, else by its id (ImageNet's WordNet id). Throws
/// Error{not_found} naming the folder that matches no class.
[[nodiscard]] std::vector<std::size_t> match_classes(const Classifier& classifier,
                                                     const std::vector<std::string>& folders);

/// Whether class names are those of nested folders, such as animal/dog. evaluate(), and training of a later
/// round, list folders by data::ListOptions::nested then.
[[nodiscard]] bool has_nested_classes(const std::vector<std::string>& class_names);

/// Compares probabilities (N, classes) with the true class of each row.
[[nodiscard]] Evaluation evaluate(const Tensor& probabilities, const std::vector<int>& truth);

/// Predicts all photos of a folder with one sub-folder per class and compares. options: views, exif,
/// progress and listing count, top does not. Errors: as data::list_photos, data::load_photos and
/// match_classes; Error{interrupted} when progress returns false.
[[nodiscard]] Evaluation evaluate(const Classifier& classifier, const std::filesystem::path& folder,
                                  const ClassifyOptions& options = {});

/// The zip entry of a model.keras that holds TrainingFeatures.
inline constexpr const char* kTrainingFeaturesEntry = "graft_features.bin";
/// Most training photos whose features are kept.
inline constexpr std::size_t kMostTrainingRows = 600;
/// Nearest training photos whose mean distance is a photo's distance.
inline constexpr std::size_t kTrainingNeighbours = 5;
/// With fewer photos that the network was not trained on there is no limit.
inline constexpr std::size_t kFewestHeldOut = 20;

/// Features of training photos, kept in the model file, and how far from them photos of the same kind are.
struct TrainingFeatures {
  Tensor rows;              ///< float32 (n, D), each of length 1, rounded to 8 bits
  double limit = 0;         ///< a photo that is farther is unlike the training photos
  double false_alarms = 0;  ///< share of new photos of the same kind that are farther, at most: 0.01 or 0.05
  std::vector<double> held_out;  ///< distances of photos that the network was not trained on, ascending
};

/// Those of training photos, float32 (n, D), more than kMostTrainingRows thinned out evenly; without a limit.
/// Errors: Error{invalid_argument} for no photo; Error{shape_mismatch}.
[[nodiscard]] TrainingFeatures training_rows(const Tensor& train);
/// The same with a limit, chosen by conformal prediction (Vovk, Gammerman and Shafer 2005): of m photos that
/// the network was not trained on the distance number ceil((m + 1)(1 - a)), a = 0.01 from 100 photos on, else
/// 0.05.
///   distances  the training_distances() of these photos, in any order
/// Errors: Error{invalid_argument} for fewer than kFewestHeldOut.
[[nodiscard]] TrainingFeatures with_limit(TrainingFeatures known, std::vector<double> distances);
/// Both. held_out: features float32 (m, D) of photos that the network was not trained on.
[[nodiscard]] TrainingFeatures make_training_features(const Tensor& train, const Tensor& held_out);

/// Mean cosine distance of each row of features (n, D) to its nearest training photos: 0 (the same) to 2.
/// Errors: Error{shape_mismatch} for another D.
[[nodiscard]] std::vector<double> training_distances(const TrainingFeatures& known, const Tensor& features);

/// For the model file: a line of JSON, then the rows as signed bytes.
[[nodiscard]] std::string to_bytes(const TrainingFeatures& known);
/// The reverse. Throws Error{bad_file} naming the file.
[[nodiscard]] TrainingFeatures training_features_from_bytes(std::string_view bytes,
                                                            const std::filesystem::path& file);

/// New photos compared with the training photos.
struct Drift {
  std::size_t photos = 0;     ///< number of new photos
  std::size_t unlike = 0;     ///< of them, farther than the limit
  double share = 0;           ///< unlike / photos
  Interval interval;          ///< of the share, 95 %
  double expected = 0;        ///< share for photos like the training photos: TrainingFeatures::false_alarms
  double distance = 0;        ///< median of the new photos
  double usual_distance = 0;  ///< median of the held-out photos
  double p_value = 1;    ///< two-sample Kolmogorov-Smirnov test that both distances have one distribution
  bool drifted = false;  ///< p_value below 0.01 and the new photos farther: the model may not fit them
};
/// Fewest photos to compare.
inline constexpr std::size_t kFewestForDrift = 10;
/// distances: training_distances() of at least kFewestForDrift photos. Throws Error{invalid_argument}.
[[nodiscard]] Drift find_drift(const TrainingFeatures& known, std::span<const double> distances);

}  // namespace classify
}  // namespace graft

#pragma GCC visibility pop
