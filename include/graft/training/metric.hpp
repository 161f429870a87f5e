// SPDX-License-Identifier: Apache-2.0
// Keras's metrics, with its names, defaults and thresholds (keras.metrics 3.15).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/json_fwd.hpp"
#include "graft/tensor/tensor.hpp"
#include "graft/training/losses.hpp"

namespace graft {

/// What a metric looks at: a batch's labels and what the model said.
struct MetricInput {
  const Tensor& predictions;    ///< float32 (N, K): the model's output, probabilities where it gives them
  const Tensor& labels;         ///< float32 (N, K), or (N,) for one output or sparse metrics; or int32
  const Tensor& sample_weight;  ///< empty, or float32 (N,)
};

/// A figure gathered over batches. Threads: one user at a time.
class Metric {
 public:
  explicit Metric(std::string name) : name_(std::move(name)) {}
  virtual ~Metric() = default;
  Metric(const Metric&) = delete;
  Metric& operator=(const Metric&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  virtual void reset() = 0;
  /// Adds a batch. Throws Error{shape_mismatch} when labels do not fit.
  virtual void update(const MetricInput& input) = 0;
  /// Over all batches since reset(); 0 before the first, as in Keras.
  [[nodiscard]] virtual double result() const = 0;
  /// One figure for each class or label where the metric has them, else result() alone.
  [[nodiscard]] virtual std::vector<double> results() const { return {result()}; }
  /// What was gathered so far, to go on from another time.
  [[nodiscard]] virtual std::vector<double> state() const = 0;
  /// Takes over what state() gave; an empty list is reset().
  virtual void set_state(std::span<const double> state) = 0;
  /// Keras's serialised form.
  [[nodiscard]] virtual Json config() const = 0;

 private:
  std::string name_;
};

using MetricPtr = std::shared_ptr<Metric>;

struct BinaryAccuracyOptions {
  double threshold = 0.5;
  std::string name = "binary_accuracy";
};
/// Share of outputs that are on the label's side of the threshold.
[[nodiscard]] MetricPtr BinaryAccuracy(const BinaryAccuracyOptions& options = {});
/// Share of samples whose largest output is the label's; labels one-hot.
[[nodiscard]] MetricPtr CategoricalAccuracy(const std::string& name = "categorical_accuracy");
/// The same; labels are class numbers.
[[nodiscard]] MetricPtr SparseCategoricalAccuracy(const std::string& name = "sparse_categorical_accuracy");

struct TopKOptions {
  std::int64_t k = 5;
  std::string name;  ///< empty: Keras's
};
/// Share of samples whose label is among the k largest outputs (ties count as among).
[[nodiscard]] MetricPtr TopKCategoricalAccuracy(const TopKOptions& options = {});
[[nodiscard]] MetricPtr SparseTopKCategoricalAccuracy(const TopKOptions& options = {});

struct PrecisionOptions {
  std::optional<double> threshold;       ///< an output above it counts as yes; unset: 0.5, or none with top_k
  std::optional<std::int64_t> top_k;     ///< only the k largest outputs of a sample can be yes
  std::optional<std::int64_t> class_id;  ///< looks at this output alone
  std::string name;                      ///< empty: "precision", "recall"
};
/// True positives by all positives said.
[[nodiscard]] MetricPtr Precision(const PrecisionOptions& options = {});
/// True positives by all that there are.
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

/// How classes are put together. none: results() has each class's, result() their mean.
enum class Average { none, micro, macro, weighted };
struct F1ScoreOptions {
  Average average = Average::none;
  std::optional<double> threshold;  ///< unset: a sample's largest output is yes
  std::string name = "f1_score";
};
/// Harmonic mean of precision and recall; labels (N, K).
[[nodiscard]] MetricPtr F1Score(const F1ScoreOptions& options = {});

/// The mean of a loss over samples, as keras.metrics.CategoricalCrossentropy and its like are.
[[nodiscard]] MetricPtr MeanLoss(const LossPtr& loss);

/// Counts (K, K), int32: [true class][predicted class] (Keras's confusion_matrix). Throws
/// Error{invalid_argument} for a class outside 0..classes-1.
[[nodiscard]] Tensor confusion_matrix(const std::vector<int>& labels, const std::vector<int>& predictions,
                                      std::int64_t classes);

/// What compile() takes in `metrics`: a metric, or a name as in Keras. "accuracy" and "acc" choose the
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
/// From Keras's serialised form, or from a name. Throws Error{bad_file} or Error{unsupported}.
[[nodiscard]] MetricPtr metric_from_config(const Json& config);

}  // namespace graft
