// SPDX-License-Identifier: Apache-2.0
// The options of Model::compile(), fit() and evaluate().
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
#include "graft/plan/value_ranges.hpp"
#include "graft/training/callbacks.hpp"
#include "graft/training/history.hpp"
#include "graft/training/losses.hpp"
#include "graft/training/metrics.hpp"
#include "graft/training/optimizers.hpp"
#include "graft/training/training.hpp"

namespace graft {

struct CompileOptions {
  OptimizerPtr optimizer;
  LossPtr loss;
  /// "accuracy" chooses its kind by the first batch's shapes. On a binary loss of logits it is BinaryAccuracy
  /// at 0, a probability of one half (Keras's "accuracy" compares logits with 0.5; its tutorial asks for 0 by
  /// hand). Other metrics look at the model's output as it is.
  std::vector<MetricChoice> metrics;
  /// The same, but samples count by their weights.
  std::vector<MetricChoice> weighted_metrics;
  /// Ties weights to the values that they have at compile(); not part of Keras's compile_config.
  L2SP l2_sp{};
};

struct FitOptions {
  std::int64_t epochs = 1;         ///< the number of the last epoch, as in Keras
  std::int64_t initial_epoch = 0;  ///< the first epoch's number
  std::optional<data::Dataset> validation_data;
  double validation_split = 0;       ///< the last so many of the samples, before any shuffling, validate
  std::int64_t validation_freq = 1;  ///< validates after every so many epochs
  std::vector<std::int64_t> validation_epochs;   ///< where given: after these epochs alone, counted from 1
  std::optional<std::int64_t> validation_steps;  ///< batches that validate; unset: all
  /// Of validation_data or the split; unset: the data's own, as in Keras.
  std::optional<std::int64_t> validation_batch_size{};
  /// Batches of an epoch. Each epoch goes on in the data where the one before stopped, as in Keras.
  std::optional<std::int64_t> steps_per_epoch;
  std::optional<bool> shuffle;         ///< overrides the data set's own option
  std::map<int, double> class_weight;  ///< integer class -> weight of its samples; 1 for those not named
  Tensor sample_weight;                ///< float32, one number for each sample of the data set; or empty
  /// What changes each training batch before it is learnt from, one after the other; the numbers drawn depend
  /// on random_seed(), epoch and batch alone.
  std::vector<data::AugmentationPtr> augment{};
  /// Memory for what frozen layers make of samples that come again unchanged, of training (in batches of full
  /// size, where no random layer comes first) and of validation, at most so much each. Changes no result.
  std::size_t cache_bytes = std::size_t{64} << 20;
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
  /// What plans of 8 bits need; see plan::PlanOptions.
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

}  // namespace graft
