// SPDX-License-Identifier: Apache-2.0
// Classical heads: classifiers on the features of a frozen network. docs/heads.md compares them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/json_fwd.hpp"
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

}  // namespace transfer
}  // namespace graft

#pragma GCC visibility pop
