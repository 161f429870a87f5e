// SPDX-License-Identifier: Apache-2.0
// Keras's metrics, with its names, defaults and thresholds (keras.metrics 3.15). Your own: extend/metric.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graft/extend/loss.hpp"
#include "graft/extend/metric.hpp"

#pragma GCC visibility push(default)

namespace graft {

struct BinaryAccuracyOptions {
  double threshold = 0.5;
  std::string name = "binary_accuracy";
};
/// Share of outputs on the label's side of the threshold.
[[nodiscard]] MetricPtr BinaryAccuracy(const BinaryAccuracyOptions& options = {});
/// Share of samples whose largest output is that of the label; labels one-hot.
[[nodiscard]] MetricPtr CategoricalAccuracy(const std::string& name = "categorical_accuracy");
/// The same; labels are class numbers.
[[nodiscard]] MetricPtr SparseCategoricalAccuracy(const std::string& name = "sparse_categorical_accuracy");

struct TopKOptions {
  std::int64_t k = 5;
  std::string name;  ///< empty: Keras's
};
/// Share of samples whose label is among the k largest outputs (ties count as among them).
[[nodiscard]] MetricPtr TopKCategoricalAccuracy(const TopKOptions& options = {});
[[nodiscard]] MetricPtr SparseTopKCategoricalAccuracy(const TopKOptions& options = {});

struct PrecisionOptions {
  std::optional<double> threshold;       ///< an output above it is positive; unset: 0.5, or none with top_k
  std::optional<std::int64_t> top_k;     ///< only the k largest outputs of a sample can be positive
  std::optional<std::int64_t> class_id;  ///< looks only at this output
  std::string name;                      ///< empty: "precision", "recall"
};
/// True positives / predicted positives.
[[nodiscard]] MetricPtr Precision(const PrecisionOptions& options = {});
/// True positives / positive labels.
[[nodiscard]] MetricPtr Recall(const PrecisionOptions& options = {});

enum class AucCurve { roc, pr };
enum class AucSummation { interpolation, minoring, majoring };
struct AucOptions {
  std::int64_t num_thresholds = 200;
  AucCurve curve = AucCurve::roc;
  AucSummation summation_method = AucSummation::interpolation;
  std::vector<double>
      thresholds;            ///< empty: num_thresholds evenly spread; else these, and one beyond either end
  bool multi_label = false;  ///< a curve for each output, and their mean
  bool from_logits = false;
  std::string name = "auc";
};
/// Area under the curve, as a sum over thresholds. For precision-recall with interpolation: Davis and
/// Goadrich 2006.
[[nodiscard]] MetricPtr AUC(const AucOptions& options = {});

/// How the classes' figures are combined. none: results() has each class's, result() their mean.
enum class Average { none, micro, macro, weighted };
struct F1ScoreOptions {
  Average average = Average::none;
  std::optional<double> threshold;  ///< unset: a sample's largest output is positive
  std::string name = "f1_score";
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
  MetricChoice(const char* name) : name_(name) {}
  MetricChoice(std::string name) : name_(std::move(name)) {}
  MetricChoice(MetricPtr metric) : metric_(std::move(metric)) {}
  // NOLINTEND(google-explicit-constructor)
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Null where a name was given.
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
