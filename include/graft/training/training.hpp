// SPDX-License-Identifier: Apache-2.0
// The options and results of Model::compile(), fit(), evaluate() and predict().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graft/base/execution.hpp"
#include "graft/data/augmentation.hpp"
#include "graft/data/dataset.hpp"
#include "graft/models/model.hpp"
#include "graft/training/callbacks.hpp"
#include "graft/training/history.hpp"
#include "graft/training/losses.hpp"
#include "graft/training/metrics.hpp"
#include "graft/training/optimizers.hpp"

#pragma GCC visibility push(default)

namespace graft {

namespace plan {
struct ValueRanges;
}

/// L2-SP (Li, Grandvalet and Davoine, "Explicit inductive bias for transfer learning", 2018): fine-tuning is
/// kept near the pretrained weights w0 rather than near zero. Adds to the loss, over weights that train,
///   alpha / 2 Σ (w - w0)²  for the listed weights, w0 being their values at compile(), and
///   beta / 2 Σ w²          for all others (the new head).
struct L2SP {
  std::vector<VariablePtr> weights{};  ///< the pretrained: base_model.weights()
  double alpha = 0;                    ///< 0: none; the paper uses 1e-4 to 0.1
  double beta = 0;                     ///< the paper uses 0.01
};

struct CompileOptions {
  OptimizerPtr optimizer;
  LossPtr loss;
  /// "accuracy" chooses its kind by the first batch's shapes. On a binary loss of logits it is BinaryAccuracy
  /// at 0, a probability of one half (Keras's "accuracy" compares logits with 0.5; its tutorial sets 0 by
  /// hand). Other metrics see the model's output unchanged.
  std::vector<MetricChoice> metrics;
  /// The same, but samples count by their weights.
  std::vector<MetricChoice> weighted_metrics;
  /// Ties weights to their values at compile(); not part of Keras's compile_config.
  L2SP l2_sp{};
};

struct FitOptions {
  std::int64_t epochs = 1;         ///< the number of the last epoch, as in Keras
  std::int64_t initial_epoch = 0;  ///< the first epoch's number
  std::optional<data::Dataset> validation_data;
  double validation_split = 0;       ///< share of the samples, the last before any shuffling, that validates
  std::int64_t validation_freq = 1;  ///< epochs between two validations
  std::vector<std::int64_t> validation_epochs;   ///< not empty: only after these epochs, counted from 1
  std::optional<std::int64_t> validation_steps;  ///< batches that validate; unset: all
  /// Of validation_data or the split; unset: the data's own, as in Keras.
  std::optional<std::int64_t> validation_batch_size{};
  /// Batches of an epoch. Each epoch continues in the data where the last one stopped, as in Keras.
  std::optional<std::int64_t> steps_per_epoch;
  std::optional<bool> shuffle;         ///< overrides the data set's own option
  std::map<int, double> class_weight;  ///< integer class -> weight of its samples; 1 for other classes
  Tensor sample_weight;                ///< float32, one number for each sample of the data set; or empty
  /// Changes each training batch before the step, one after the other; the random numbers depend only on the
  /// seed, the epoch and the batch.
  std::vector<data::AugmentationPtr> augment{};
  /// Memory in total for the results of frozen layers on samples that come again unchanged: of training (in
  /// batches of full size, where no random layer comes first) and of validation. Changes no result.
  std::size_t cache_bytes = std::size_t{128} << 20;
  std::vector<CallbackPtr> callbacks;
  Execution execution{};
};

struct EvaluateOptions {
  std::optional<std::int64_t> steps;  ///< batches; unset: all
  Tensor sample_weight;               ///< float32, one number for each sample; or empty
  Execution execution{};
};

struct PredictOptions {
  std::optional<std::int64_t> steps;  ///< batches; unset: all
  /// Needed for 8-bit plans; see plan::PlanOptions.
  std::shared_ptr<const plan::ValueRanges> ranges;
  Execution execution{};
};

struct EvaluateResult {
  double loss = 0;
  double accuracy = 0;  ///< 0 where "accuracy" is not among the metrics
  std::int64_t samples = 0;
  /// All figures by name, as Keras's return_dict=True: accuracy, auc, loss, ...
  std::vector<std::pair<std::string, double>> figures;
};

/// Compiles a loaded model with the optimizer, loss and metrics of its file, so that fit() continues where it
/// stopped, here or in Keras:
///   auto loaded = saving::load_model("model.keras");
///   compile_from_config(loaded.model, loaded.compile_config, loaded.optimizer);
///   optimizer  its variables in Keras's order; empty: it starts without state
/// Throws Error{bad_file} for a config without an optimizer or loss, or of a form that Keras does not write;
/// Error{unsupported} naming what graft does not have; Error{shape_mismatch} for variables that do not fit
/// the model.
void compile_from_config(Model& model, const Json& config, const std::vector<Tensor>& optimizer = {});

}  // namespace graft

#pragma GCC visibility pop
