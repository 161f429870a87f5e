// SPDX-License-Identifier: Apache-2.0
// How a classifier is trained on photos: tuning, evaluation, heads, later rounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/classifier.hpp"
#include "graft/dataset.hpp"
#include "graft/evaluation.hpp"
#include "graft/json_fwd.hpp"
#include "graft/layers/layer.hpp"
#include "graft/model.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {
inline namespace transfer {

/// In the order in which equally good ones are preferred.
enum class HeadKind {
  logistic,    ///< multinomial logistic regression
  linear_svm,  ///< linear support vector machines, one class against the rest, squared hinge (liblinear)
  centroid,    ///< the class whose mean is nearest
  rbf_svm,     ///< support vector machines with a Gaussian kernel, one class against another (libsvm)
  knn,         ///< the commonest class among the nearest photos
};
/// Number of kinds.
inline constexpr std::size_t kHeadKinds = 5;
/// "logistic", "linear_svm", "centroid", "rbf_svm", "knn".
[[nodiscard]] std::string_view to_string(HeadKind kind);
/// Throws Error{invalid_argument} that lists the names there are.
[[nodiscard]] HeadKind parse_head_kind(std::string_view name);

/// How much the photos of a class count (scikit-learn's class_weight).
enum class ClassWeight {
  none,      ///< each photo counts 1
  balanced,  ///< a photo of a class of n_k photos counts N / (K n_k)
};

/// Arithmetic and defaults are scikit-learn's (LogisticRegression, LinearSVC, SVC, KNeighborsClassifier,
/// NearestCentroid), so that on the same features its predictions are the same.
struct HeadOptions {
  HeadKind kind = HeadKind::logistic;  ///< the method
  /// logistic and both SVMs: how much the errors count beside half the squared weights. Above 0.
  double c = 1;
  /// rbf_svm: in exp(-gamma |a - b|^2). Unset: scikit-learn's "scale", 1 / (D variance of all numbers).
  std::optional<double> gamma;
  std::int64_t neighbours = 5;  ///< knn: how many are asked; never more than there are photos
  ClassWeight class_weight = ClassWeight::none;  ///< logistic and both SVMs
};
/// The options that the kind reads, as JSON, for reports.
[[nodiscard]] Json to_json(const HeadOptions& options);

/// A fitted head. Immutable, a light handle; threads: safe to share.
class Head {
 public:
  struct State;
  /// For fit_head(), which makes heads.
  explicit Head(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  /// The method it was fitted by.
  [[nodiscard]] HeadKind kind() const;
  /// D: number of features that it reads.
  [[nodiscard]] std::int64_t dimensions() const;
  /// K: number of classes.
  [[nodiscard]] std::int64_t classes() const;
  /// Appends the head as layers of Keras's: features (N, D) to scores (N, K), of which the largest (among
  /// equal ones the first) is the class. Linear ones are one Dense layer "predictions". So the model file
  /// needs no custom class to be loaded elsewhere. Scores are
  ///   logistic     probabilities
  ///   linear_svm   decision values; of two classes the value negated, and the value
  ///   centroid     minus the squared distance by the rows' spread, but for a number that all classes share
  ///   rbf_svm      votes won against the other classes; of two classes as linear_svm
  ///   knn          the part of the neighbours that is of each class. All that are as near as the last count,
  ///                so with equal distances the sum may be above 1
  [[nodiscard]] SymbolicTensor operator()(const SymbolicTensor& features) const;
  /// The same as a separate model.
  [[nodiscard]] Model model() const;
  /// Scores (N, K) of features float32 (N, D). Throws Error{shape_mismatch}.
  [[nodiscard]] Tensor scores(const Tensor& features) const;
  /// The class of each row.
  [[nodiscard]] std::vector<int> predict(const Tensor& features) const;
  /// How a Classifier turns scores into probabilities (kMetadataEntry's "output"): "softmax" where scores
  /// are them, else "logits": then the softmax of the scores is shown, which keeps their order and is no
  /// calibrated probability.
  [[nodiscard]] std::string output() const;
  /// What the scores are, in words, for the file's metadata.
  [[nodiscard]] std::string scores_in_words() const;

 private:
  std::shared_ptr<const State> state_;
};

/// Fits a head.
///   features  float32 (N, D), finite
///   labels    N classes from 0; every class up to the largest has at least one row
/// Deterministic: no random number is drawn. Errors: Error{shape_mismatch}; Error{invalid_argument} for
/// options out of range, labels with a gap or of one class; Error{numeric} for features that are not finite;
/// Error{resource_limit} where the solver would need more memory than is sensible.
[[nodiscard]] Head fit_head(const Tensor& features, std::span<const int> labels,
                            const HeadOptions& options = {});

/// What search_heads() tries.
struct HeadSearchOptions {
  std::vector<HeadKind> kinds;                   ///< to compare; empty: all
  std::optional<double> c;                       ///< fixed rather than searched
  std::optional<double> gamma;                   ///< fixed rather than searched
  std::optional<std::int64_t> neighbours;        ///< fixed rather than searched
  ClassWeight class_weight = ClassWeight::none;  ///< of all kinds that have one
  std::size_t folds = 5;    ///< fewer where the smallest class has fewer photos, but at least 2
  std::uint64_t seed = 42;  ///< of the folds and of the rows drawn
  /// The group of each row: rows of one group are never on both sides. Empty: none.
  std::vector<std::size_t> groups;
  /// More rows than this are searched by a part of them, drawn class by class.
  std::size_t most_rows = 2000;
  /// Settings done, and their number. Return false to stop: the best so far is returned.
  std::function<bool(std::size_t done, std::size_t total)> progress;
};

/// One setting that was tried.
struct TriedHead {
  HeadOptions options;          ///< the setting
  double accuracy = 0;          ///< mean over the folds, each weighted by its rows
  std::vector<double> by_fold;  ///< accuracy on each fold, by a head fitted on the others
};

/// What search_heads() found.
struct HeadSearch {
  HeadOptions best;              ///< the setting with the highest accuracy
  std::size_t rows = 0;          ///< number of rows that the search used
  std::size_t folds = 0;         ///< number of folds that the search used
  std::vector<TriedHead> tried;  ///< in the order of the grid
};

/// Finds kind and settings by stratified cross-validation. The grid: c 1, 0.1, 10, 0.01, 100, of linear_svm
/// 1, 0.1, 0.01, 0.001; gamma 1, 1/4 and 4 times "scale"; neighbours 5, 1, 3, 10, 20. scikit-learn's defaults
/// come first, and of equally good settings the first is taken. Errors: as fit_head and
/// data::stratified_folds.
[[nodiscard]] HeadSearch search_heads(const Tensor& features, std::span<const int> labels,
                                      const HeadSearchOptions& options = {});

/// The best trial of each kind, in the order of search.tried; of equal ones the first.
[[nodiscard]] std::vector<TriedHead> best_of_each(const HeadSearch& search);

/// What a training is to be good at.
enum class Goal {
  accuracy,  ///< of all photos
  balanced,  ///< the mean of the classes' recalls: all classes count the same, however many photos they have
  recall,    ///< of one class, which counts as much as all others together
};
/// The loss, and every choice between heads, networks and amounts of fine-tuning, weigh the classes by it.
struct Objective {
  Goal goal = Goal::accuracy;  ///< what counts
  std::string class_name{};    ///< of Goal::recall
};
/// "accuracy", "balanced" or "recall=CLASS".
[[nodiscard]] std::string to_string(const Objective& objective);
/// The reverse. Throws Error{invalid_argument} for another name.
[[nodiscard]] Objective parse_objective(const std::string& name);

/// How much of a pretrained network is trained.
enum class Strategy {
  freeze_base,       ///< nothing of it: only a new head
  freeze_part,       ///< the layers after a frontier
  train_everything,  ///< all of it
};
/// "freeze the whole base", "freeze part", "train everything".
[[nodiscard]] std::string_view to_string(Strategy strategy);

// The tutorial recipe and its augmentation.

/// Keras's two-phase transfer-learning tutorial: a new head on the frozen base with Adam, then the upper
/// layers of the base as well, at a lower rate with RMSprop.
struct TutorialRecipe {
  std::int64_t epochs = 10;            ///< of the first phase, which trains the head
  std::int64_t fine_tune_epochs = 10;  ///< of the second phase; 0: there is none
  /// First layer of the base that trains in the second phase, its index or name ("block5_conv1").
  std::string fine_tune_from = "100";
  /// Layers of the base that stay frozen in the second phase, beside those before fine_tune_from: a pattern
  /// of models::FreezeOptions::names. Empty: none.
  std::string freeze{};
  double learning_rate = 0;            ///< of the first phase; 0: the tutorial's 1e-4
  double fine_tune_learning_rate = 0;  ///< of the second phase; 0: a tenth of the first phase's
  /// Learning rate of each trainable layer of the base, as a multiple of the next one's; 1: all equal.
  double layer_decay = 1;
  /// Number of groups in which layers of the base begin to train, the last first; 0 and 1: all at once.
  std::int64_t unfreeze_groups = 0;
  double l2_sp = 0;  ///< L2-SP's alpha for the base's weights; 0: none
  /// Random changes to training photos, names with commas between: none, flip, light, strong (one of them;
  /// default: flip and rotation as in Keras's tutorial), mixup, cutmix, erasing, randaugment.
  std::string augment = "default";
  ClassWeight class_weight = ClassWeight::none;  ///< not possible with mixup and cutmix, which mix labels
};

/// What TutorialRecipe::augment specifies.
struct Augment {
  std::vector<Layer> layers;                   ///< layers of the model, with raw RGB 0..255 at their input
  std::vector<data::AugmentationPtr> batches;  ///< changes of batches
  bool mixes_labels = false;                   ///< true: labels become distributions over the classes
};
/// Throws Error{invalid_argument} that lists the known names.
[[nodiscard]] Augment augment_from_names(const std::string& names);

/// What to do with photos that occur twice, or nearly so (data::find_similar).
enum class Duplicates {
  report,  ///< reported before training; graft's own split keeps them in one part
  drop,    ///< training keeps one of each, and none that the test or validation folder has
  ignore,  ///< not looked for
};

/// How train() divides the photos and how often it measures.
struct EvaluationOptions {
  Duplicates duplicates = Duplicates::report;  ///< what to do with photos that occur twice
  /// Photos of one group are never in two parts. "parent-folder": the folder that contains the photo;
  /// "prefix": its name up to the last _ or -; else a regular expression (ECMAScript) that is searched for in
  /// the path below the photos' folder: its first group, or without one what it matches, names the photo's
  /// group. Photos that it does not match have no group. Empty: no groups.
  std::string group_by;
  /// The recipe is also trained and tested on this many stratified (and grouped) folds; 0: not.
  std::size_t folds = 0;
  /// Number of seeds in total: the recipe is also trained with the seeds that follow, each with its own
  /// split.
  std::size_t seeds = 1;
};

/// A classical head on features of the frozen base.
struct ClassicalHeadRecipe {
  /// One kind: its settings are chosen by cross-validation on the training photos. Several: the kinds are
  /// compared as well. Empty: all kinds.
  std::vector<HeadKind> kinds{};
  std::optional<double> c{}, gamma{};            ///< fixed rather than chosen
  std::optional<std::int64_t> neighbours{};      ///< fixed rather than chosen
  std::size_t folds = 5;                         ///< of the cross-validation
  ClassWeight class_weight = ClassWeight::none;  ///< of logistic, linear_svm and rbf_svm; others refuse it
};

// Training in rounds: a model continues with a growing collection of photos, and what it forgets is measured.
//
// Each result folder keeps, beside model.keras, a rounds.json: one entry a round with the folder it was
// trained on, its classes, its test accuracy and its photos by part (train, validation, test), each with a
// print of its content. A later round takes the entries over and adds its own. A photo keeps the part that it
// had in an earlier round, whatever its name is now, so that no test photo was trained on before.

struct TrainOptions;

/// Names of recipes, as in settings.json and on the command line.
enum class RecipeName {
  automatic,  ///< "auto"
  head,       ///< "head"
  tutorial,   ///< "tutorial"
  network,    ///< "network"
};
/// "auto", "head", "tutorial", "network".
[[nodiscard]] std::string_view to_string(RecipeName name);

/// Continues an earlier round with its model and classes.
struct RoundRecipe {
  /// The earlier result folder, or a model file with class names.
  std::filesystem::path from{};
  /// How the model was trained. automatic and head: its head is solved again, near the old one; tutorial and
  /// network, and automatic where TrainOptions::model is a model file: all that is trainable, by gradient.
  RecipeName recipe = RecipeName::automatic;
  /// Folders, one sub-folder per class, from which photos are rehearsed. Empty, with rehearse_per_class: the
  /// photos that the earlier rounds were trained on, where they still exist.
  std::vector<std::filesystem::path> rehearse_folders{};
  /// Photos of each class that are rehearsed, at most; unset: none, or with folders all of them.
  std::optional<std::int64_t> rehearse_per_class{};
  int views = 2;  ///< of each training photo, where a head is solved: see AutomaticRecipe::views
  ClassWeight class_weight = ClassWeight::none;  ///< of the loss
  std::int64_t epochs = 10;                      ///< by gradient, at most
  double learning_rate = 0;                      ///< Adam's, by gradient; 0: 1e-3, or 1e-5 after the tutorial
  /// By gradient: layers that stay frozen, a pattern of models::FreezeOptions::names, and the first layer
  /// that trains, its index or name. Both empty: the layers that are frozen in the model.
  std::string freeze{}, fine_tune_from{};

  /// True where photos of earlier rounds are trained on again.
  [[nodiscard]] bool rehearses() const { return rehearse_per_class || !rehearse_folders.empty(); }
};

/// Accuracy of the new model on the test photos of one round. Of several labels a photo it is the part of the
/// photos with all labels right: before and after this training of those labels that the earlier model has.
/// Of numbers it is the share of the variance that is explained, R2 and at least 0, the mean over the
/// numbers.
struct RoundScore {
  std::size_t round = 0;                    ///< from 1; the last one is the new round
  std::string photos;                       ///< folder of the round
  std::size_t test_photos = 0;              ///< number of test photos that still exist
  std::optional<std::size_t> missing{};     ///< number of those that do not; unset: the new round
  std::optional<double> accuracy_then{};    ///< at the end of that round; unset: the new round
  std::optional<double> accuracy_before{};  ///< before this training; unset: no test photo is left
  std::optional<double> accuracy{};         ///< after this training; unset: no test photo is left
};

}  // namespace transfer
}  // namespace graft

#pragma GCC visibility pop
