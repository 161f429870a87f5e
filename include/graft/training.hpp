// SPDX-License-Identifier: Apache-2.0
// compile, fit, evaluate, predict: what they accept and return; fine-tuning in steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graft/dataset.hpp"
#include "graft/execution.hpp"
#include "graft/extend/callback.hpp"
#include "graft/extend/history.hpp"
#include "graft/model.hpp"
#include "graft/training/callbacks.hpp"
#include "graft/training/losses.hpp"
#include "graft/training/metrics.hpp"
#include "graft/training/optimizers.hpp"

#pragma GCC visibility push(default)

// The options and results of Model::compile(), fit(), evaluate() and predict().

namespace graft {

namespace plan {
struct ValueRanges;
}
namespace cluster {
class Communicator;
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

/// Arguments of Model::compile().
struct CompileOptions {
  OptimizerChoice optimizer{};  ///< changes the weights; an object or a name; not null
  LossChoice loss{};            ///< what training makes small; an object or a name; not null
  /// What is reported beside the loss. "accuracy" chooses its kind by the first batch's shapes. On a binary
  /// loss of logits it is BinaryAccuracy at 0, a probability of one half (Keras's "accuracy" compares logits
  /// with 0.5; its tutorial sets 0 by hand). Other metrics see the model's output unchanged.
  std::vector<MetricChoice> metrics;
  /// The same, but samples count by their weights.
  std::vector<MetricChoice> weighted_metrics;
  /// Ties weights to their values at compile(); not part of Keras's compile_config.
  L2SP l2_sp{};
};

/// Arguments of Model::fit(), with Keras's names and defaults.
struct FitOptions {
  std::int64_t epochs = 1;                       ///< the number of the last epoch, as in Keras
  std::int64_t initial_epoch = 0;                ///< the first epoch's number
  std::optional<data::Dataset> validation_data;  ///< evaluated after epochs; its figures are val_loss, ...
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
  std::vector<CallbackPtr> callbacks;  ///< called in this order
  Execution execution{};               ///< threads, number format and seed of this training
  /// The processes that train together, each with the same arguments but for callbacks that write files,
  /// which one of them has; null: this one alone. Each batch is divided among them, and the result does not
  /// depend on their number: docs/cluster.md. For graft's own use.
  std::shared_ptr<cluster::Communicator> ranks{};
  /// The ranks send gradients in 16 bits: half the bytes, rounded in a way that does not depend on their
  /// number either. Without ranks it has no effect. For graft's own use.
  bool bfloat16_exchange = false;
};

/// Arguments of Model::evaluate().
struct EvaluateOptions {
  std::optional<std::int64_t> steps;               ///< number of batches; unset: all
  Tensor sample_weight;                            ///< float32, one number for each sample; or empty
  Execution execution{};                           ///< threads and number format of this evaluation
  std::shared_ptr<cluster::Communicator> ranks{};  ///< as in FitOptions
};

/// Arguments of Model::predict().
struct PredictOptions {
  std::optional<std::int64_t> steps;  ///< batches; unset: all
  /// Needed for 8-bit plans; see plan::PlanOptions.
  std::shared_ptr<const plan::ValueRanges> ranges;
  Execution execution{};  ///< threads and number format of this prediction
};

/// Loss and metrics over some samples.
struct EvaluateResult {
  double loss = 0;           ///< mean over the samples, penalties of weights and activities included
  double accuracy = 0;       ///< 0..1; 0 where "accuracy" is not among the metrics
  std::int64_t samples = 0;  ///< number of samples
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

// Fine-tuning beyond Keras: learning rates by depth and gradual unfreezing (Howard and Ruder, "Universal
// language model fine-tuning for text classification", 2018), and the search for a learning rate.

/// Layers that are treated in the same way.
struct LayerGroup {
  std::string name;                  ///< of the first layer: "block5_conv1"
  std::vector<VariablePtr> weights;  ///< trainable weights of its layers; shared with the model
};

/// The trainable weights of a model by layer, from the input to the output, nested models opened; then joined
/// into this many groups of about equally many layers (0, or more than there are layers: a group per layer).
[[nodiscard]] std::vector<LayerGroup> layer_groups(const Model& model, std::size_t groups = 0);

/// Sets the rate of each group: the last has the optimizer's rate, each other `decay` times the rate of the
/// next group. The paper uses 1 / 2.6; above 0, at most 1. Throws Error{invalid_argument}. Returns the
/// multipliers in the groups' order.
std::vector<double> set_layer_rates(Optimizer& optimizer, const std::vector<LayerGroup>& groups,
                                    double decay);

/// Arguments of GradualUnfreezing().
struct GradualUnfreezingOptions {
  std::vector<LayerGroup> groups;     ///< from the input to the output
  std::int64_t epochs_per_group = 1;  ///< epochs after which the next group begins to train
  std::vector<double> multipliers{};  ///< rate of each group once it trains; empty: 1
  std::int64_t first_epoch = 0;       ///< number of the epoch in which only the last group trains
};
/// Trains the last group first, then also the one before it, and so on, by rate multipliers of the optimizer.
/// A group that does not train yet keeps its weights bit by bit.
[[nodiscard]] CallbackPtr GradualUnfreezing(GradualUnfreezingOptions options);

/// Arguments of find_learning_rate().
struct LearningRateFinderOptions {
  double from = 1e-7;        ///< the first step's rate
  double to = 1;             ///< the last step's; rates between rise by equal factors
  std::int64_t steps = 100;  ///< at least 10; the data are repeated as needed
  double smoothing = 0.9;    ///< share of the earlier losses in the smoothed loss
  double stop_at = 4;        ///< ends where the smoothed loss is this many times its minimum
  /// Called after each step; false ends the search.
  std::function<bool(std::int64_t step)> progress;
};

/// The loss over the learning rate, and the rates read from it.
struct LearningRateCurve {
  /// One step of the search.
  struct Point {
    double rate = 0;      ///< its learning rate
    double loss = 0;      ///< loss of its batch, before its change of the weights
    double smoothed = 0;  ///< moving average of the losses, corrected for its start as Adam's
  };
  std::vector<Point> points;  ///< in order; fewer than the steps where the search ended early
  double fastest_fall = 0;    ///< the rate at which the smoothed loss falls fastest by the rate's logarithm
  double lowest_loss = 0;     ///< the rate at which it is lowest: too high to train at
  double suggestion = 0;  ///< the lower of fastest_fall and lowest_loss / 10; 0 where the loss never falls
};

/// The learning-rate range test (Smith, "Cyclical learning rates for training neural networks", 2017): trains
/// a compiled model for a few steps at rising rates and records the loss. Weights, optimizer and random state
/// are then restored. Throws Error{invalid_argument} for an optimizer with a schedule or options
/// out of range.
[[nodiscard]] LearningRateCurve find_learning_rate(Model& model, const data::Dataset& dataset,
                                                   const LearningRateFinderOptions& options = {});

/// The curve as an SVG picture: loss over the rate's logarithm, the suggestion marked.
[[nodiscard]] std::string to_svg(const LearningRateCurve& curve);

}  // namespace graft

#pragma GCC visibility pop
