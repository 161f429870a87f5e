// SPDX-License-Identifier: Apache-2.0
// Keras's metrics, with its names, defaults and thresholds (keras.metrics 3.15). Your own: extend/metric.hpp.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graft/extend/loss.hpp"
#include "graft/extend/metric.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// Arguments of Keras's BinaryAccuracy.
struct BinaryAccuracyOptions {
  double threshold = 0.5;                ///< an output above it means class 1
  std::string name = "binary_accuracy";  ///< name in the log
};
/// Share of outputs on the label's side of the threshold.
[[nodiscard]] MetricPtr BinaryAccuracy(const BinaryAccuracyOptions& options = {});
/// Share of samples whose largest output is that of the label; labels one-hot.
[[nodiscard]] MetricPtr CategoricalAccuracy(const std::string& name = "categorical_accuracy");
/// The same; labels are class numbers.
[[nodiscard]] MetricPtr SparseCategoricalAccuracy(const std::string& name = "sparse_categorical_accuracy");

/// Arguments of Keras's TopKCategoricalAccuracy.
struct TopKOptions {
  std::int64_t k = 5;  ///< number of largest outputs, at least 1
  std::string name;    ///< name in the log; empty: "top_k_categorical_accuracy", or "sparse_" before it
};
/// Share of samples whose label is among the k largest outputs (ties count as among them); labels one-hot.
[[nodiscard]] MetricPtr TopKCategoricalAccuracy(const TopKOptions& options = {});
/// The same; labels are class numbers.
[[nodiscard]] MetricPtr SparseTopKCategoricalAccuracy(const TopKOptions& options = {});

/// Arguments of Keras's Precision and Recall.
struct PrecisionOptions {
  std::optional<double> threshold;       ///< an output above it is positive; unset: 0.5, or none with top_k
  std::optional<std::int64_t> top_k;     ///< only the k largest outputs of a sample can be positive
  std::optional<std::int64_t> class_id;  ///< looks only at this output
  std::string name;                      ///< name in the log; empty: "precision", "recall"
};
/// True positives / predicted positives.
[[nodiscard]] MetricPtr Precision(const PrecisionOptions& options = {});
/// True positives / positive labels.
[[nodiscard]] MetricPtr Recall(const PrecisionOptions& options = {});

/// The curve whose area AUC() computes.
enum class AucCurve {
  roc,  ///< true positive rate over false positive rate
  pr,   ///< precision over recall
};
/// Height of the area between two neighbouring thresholds.
enum class AucSummation {
  interpolation,  ///< mean of the heights at both: the trapezoidal rule
  minoring,       ///< the lower one: the sum is a lower bound
  majoring,       ///< the higher one: the sum is an upper bound
};
/// Arguments of Keras's AUC.
struct AucOptions {
  std::int64_t num_thresholds = 200;  ///< number of thresholds, at least 2; unused where thresholds has some
  AucCurve curve = AucCurve::roc;     ///< the curve
  AucSummation summation_method = AucSummation::interpolation;  ///< how its area is summed
  /// Empty: num_thresholds evenly spread; else these, within 0..1, and one beyond either end.
  std::vector<double> thresholds;
  bool multi_label = false;  ///< a curve for each output, and their mean
  bool from_logits = false;  ///< outputs are logits: their sigmoid is compared with the thresholds
  std::string name = "auc";  ///< name in the log
};
/// Area under the curve, as a sum over thresholds. For precision-recall with interpolation: Davis and
/// Goadrich 2006.
[[nodiscard]] MetricPtr AUC(const AucOptions& options = {});

/// How the classes' figures are combined.
enum class Average {
  none,      ///< Metric::results() has the figure of each class; Metric::result() is their mean
  micro,     ///< one figure from the counts of all classes together
  macro,     ///< mean over the classes
  weighted,  ///< mean over the classes, weighted by the number of their labels
};
/// Arguments of Keras's F1Score.
struct F1ScoreOptions {
  Average average = Average::none;  ///< how the classes are combined
  std::optional<double> threshold;  ///< an output above it is positive; unset: a sample's largest output
  std::string name = "f1_score";    ///< name in the log
};
/// Harmonic mean of precision and recall; labels (N, K).
[[nodiscard]] MetricPtr F1Score(const F1ScoreOptions& options = {});

/// The mean of a loss over samples, such as keras.metrics.CategoricalCrossentropy.
[[nodiscard]] MetricPtr MeanLoss(const LossPtr& loss);

/// Counts (K, K), int32: [true class][predicted class] (Keras's confusion_matrix). Throws
/// Error{invalid_argument} for a class outside 0..classes-1.
[[nodiscard]] Tensor confusion_matrix(const std::vector<int>& labels, const std::vector<int>& predictions,
                                      std::int64_t classes);

/// An element of CompileOptions::metrics: a metric, or a name as in Keras. "accuracy" and "acc" choose the
/// binary, categorical or sparse kind by the shapes of the first batch.
class MetricChoice {
 public:
  // NOLINTBEGIN(google-explicit-constructor): metrics = {"accuracy", AUC()} should read as in Keras
  MetricChoice(const char* name) : name_(name) {}             ///< Keras's name: see metric_from_name()
  MetricChoice(std::string name) : name_(std::move(name)) {}  ///< Keras's name: see metric_from_name()
  /// A metric; not null.
  template <std::derived_from<Metric> Kind>
  MetricChoice(std::shared_ptr<Kind> metric) : metric_(std::move(metric)) {}
  // NOLINTEND(google-explicit-constructor)
  /// The name; empty where a metric was given.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// The metric; null where a name was given.
  [[nodiscard]] const MetricPtr& metric() const { return metric_; }

 private:
  std::string name_;
  MetricPtr metric_;
};

/// By Keras's name ("auc", "mse", "top_k_categorical_accuracy"), with defaults. Throws
/// Error{invalid_argument}.
[[nodiscard]] MetricPtr metric_from_name(const std::string& name);

}  // namespace graft

#pragma GCC visibility pop
