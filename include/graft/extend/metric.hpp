// SPDX-License-Identifier: Apache-2.0
// For authors of metrics. The metrics of graft: graft/training/metrics.hpp.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "graft/json_fwd.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// The predictions of a batch and their labels.
struct MetricInput {
  const Tensor& predictions;    ///< float32 (N, K): the model's output
  const Tensor& labels;         ///< float32 (N, K), or (N,) for one output or sparse metrics; or int32
  const Tensor& sample_weight;  ///< empty, or float32 (N,)
};

/// A figure that is gathered over batches. Threads: one user at a time.
class Metric {
 public:
  /// name: the figure's name in logs and in History, "auc".
  explicit Metric(std::string name) : name_(std::move(name)) {}
  virtual ~Metric() = default;
  Metric(const Metric&) = delete;
  Metric& operator=(const Metric&) = delete;

  /// The figure's name; "val_" goes before it for validation data.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Forgets all batches. Called before the batches of each epoch, of each validation and of evaluate().
  virtual void reset() = 0;
  /// Adds a batch. Throws Error{shape_mismatch} when labels do not fit.
  virtual void update(const MetricInput& input) = 0;
  /// Over all batches since reset(); 0 before the first, as in Keras.
  [[nodiscard]] virtual double result() const = 0;
  /// One figure for each class or label where the metric has them, else only result().
  [[nodiscard]] virtual std::vector<double> results() const { return {result()}; }
  /// What was gathered since reset(), for a training that is resumed.
  [[nodiscard]] virtual std::vector<double> state() const = 0;
  /// Restores what state() returned; an empty list is reset(). Throws Error{bad_file} when it does not fit.
  virtual void set_state(std::span<const double> state) = 0;
  /// Keras's serialised form: serialised("Specificity", {{"name", name()}}).
  [[nodiscard]] virtual Json config() const = 0;

 protected:
  /// {"module", "class_name", "config", "registered_name"} as Keras writes them for a user's class.
  [[nodiscard]] static Json serialised(const std::string& class_name, Json config);

 private:
  std::string name_;
};

/// A metric and what it has gathered; copies are the same metric.
using MetricPtr = std::shared_ptr<Metric>;

/// Registers a class of metrics, so that files that name it load
/// (keras.saving.register_keras_serializable(package)). from_config receives what the object's config() has
/// under "config" and makes a metric of it; it throws Error{bad_file} for what it cannot read. Throws
/// Error{invalid_argument} for an empty package or name or one with '>', for one that graft or an earlier
/// registration uses, and for an empty function. Threads: any.
void register_metric(const std::string& package, const std::string& class_name,
                     std::function<MetricPtr(const Json& config)> from_config);

}  // namespace graft

#pragma GCC visibility pop
