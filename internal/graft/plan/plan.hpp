// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/execution.hpp"
#include "graft/extend/gradient.hpp"
#include "graft/model.hpp"
#include "graft/plan/workspace.hpp"
#include "graft/tensor.hpp"

namespace graft::plan {

struct ValueRanges;

enum class Mode {
  inference,  ///< forward only; layers as in Keras's training=False
  training,   ///< forward and backward; layers as in training=True, frozen BatchNormalization excepted
};

/// True where mixed precision is faster on this processor: it has the instructions, and products of bfloat16
/// numbers are faster than those of float32, measured at the first call (about 10 ms). Some processors have
/// the instructions and are slower with them. Threads: any.
[[nodiscard]] bool has_fast_mixed_precision();

/// Which passes lower a model, for debugging and for graft profile --dump-plan.
struct PassOptions {
  /// Names of passes that are switched off. An unknown name, or a pass that no plan can do without, is an
  /// Error{invalid_argument} that lists the names.
  std::vector<std::string> disabled;
  /// Checks the program after each pass; a broken one is an Error{internal} that names the pass and the op.
  std::optional<bool> verify;  ///< unset: in debug builds
  /// Keeps the program after each pass as text in PassInfo.
  bool print = false;
};

struct PlanOptions {
  Mode mode = Mode::inference;
  std::int64_t batch_size = 1;
  /// (H, W, C) for inputs whose axes are open; empty: the model's own.
  std::optional<Shape> input_shape;
  /// Which tensors to compute; empty: the model's outputs.
  std::vector<SymbolicTensor> outputs;
  /// Also computes the inputs of activity_regularizers: further outputs after the others.
  bool activities = false;
  /// Leaves out a softmax or sigmoid that ends the model: losses are exact on logits.
  bool logits = false;
  /// Threads and number format; the seed is forward()'s.
  Execution execution{};
  /// For int8: the ranges of the model's values. Values without a range stay float32.
  std::shared_ptr<const ValueRanges> ranges;
  /// The forward pass runs in chunks of samples that are small enough for an op's arguments to take about
  /// this many bytes: one op's results are then in the processor's cache for the next. Changes only speed and
  /// memory.
  std::size_t cache_bytes = std::size_t{4} << 20;
  /// In inference mode: adds a backward pass that ends at a feature map in place of the weights, so that
  /// backward() gives the gradient of output 0 by it. The name or path of the layer whose output it is;
  /// empty: the last feature map with more than one row and column, through nested models. Errors:
  /// Error{not_found} for a layer that the output does not depend on, Error{unsupported} for a model
  /// without feature map or with an op behind it that has no gradient.
  std::optional<std::string> feature_map;
  /// Puts the ops that training does not change first, so that forward_frozen() can run only these.
  bool frozen_first = false;
  /// Memory for activations and gradients; null: the plan allocates its own.
  std::shared_ptr<Workspace> workspace;
  PassOptions passes{};
};

/// What one pass of the lowering did.
struct PassInfo {
  std::string name;
  double seconds = 0;
  std::size_t ops_before = 0, ops_after = 0;
  std::string program;  ///< the program after the pass, where PassOptions::print is set; one line per op
};

/// What PlanOptions::feature_map adds.
struct FeatureMap {
  std::string layer;  ///< path of the layer whose output it is
  Tensor values;      ///< (N, H, W, C), a view of the last forward()'s
  Tensor gradient;    ///< of output 0 by it, in its shape; a view of the last backward()'s
};

/// The output of one call of a layer with an activity_regularizer.
struct Activity {
  std::string layer;  ///< its path
  std::string rule;   ///< the regularizer, as layers::Regularizer reads it, or a file's JSON
  Tensor value;       ///< a view of the last forward()'s
};

/// One executed op, for profiles.
struct StepInfo {
  std::string layer;
  std::string op;
  std::string implementation;
  Shape shape;            ///< of the op's largest argument that is no weight
  double operations = 0;  ///< multiplications and additions of one run; 0 for ops that are bound by memory
  double bytes = 0;       ///< read and written in one run, each argument once
  bool backward = false;  ///< of the backward pass
  double seconds = 0;     ///< of all runs since start_timing(), packing its weights included
};

/// A model lowered for one batch size and mode: fused, folded, with all memory planned; nothing is allocated
/// in forward() and backward(). Weights are read from the model: after a change the next forward() sees it.
/// What is trainable is fixed at lowering.
/// Threads: one call at a time; distinct plans of one model may run side by side while nobody changes its
/// weights.
class Plan {
 public:
  /// Throws Error{shape_mismatch} or Error{unsupported} naming the layer, Error{invalid_argument}.
  [[nodiscard]] static Plan lower(const Model& model, const PlanOptions& options);
  ~Plan();
  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  /// Runs the forward pass. inputs: float32 (batch_size, ...), one for each model input. seed and step select
  /// the random numbers that Dropout and the random layers draw. Throws Error{shape_mismatch}.
  void forward(std::span<const Tensor> inputs, std::uint64_t seed = 0, std::uint64_t step = 0);
  void forward(const Tensor& input, std::uint64_t seed = 0, std::uint64_t step = 0);
  /// Output number index of the last forward(): a view that the next one overwrites.
  [[nodiscard]] Tensor output(std::size_t index = 0) const;
  // forward() in two parts, of a plan lowered with frozen_first.
  /// The part that training does not change: it depends on no trainable weight and no random number. Up to a
  /// tenth of its work is left to the other part where its results are then smaller. Inputs as in forward().
  void forward_frozen(const Tensor& input);
  /// The results of that part that the other part reads: views, valid until the other part begins. Copies of
  /// them may be put back later, to continue from there with the same results bit by bit. Empty where the
  /// other part also reads the input, or where it is the whole plan.
  [[nodiscard]] const std::vector<Tensor>& frozen_values() const;
  /// Sum of the versions of the weights that the first part reads; grows when one of them is changed.
  [[nodiscard]] std::uint64_t frozen_version() const;
  /// The other part.
  void forward_from_frozen(std::uint64_t seed = 0, std::uint64_t step = 0);

  /// Runs the backward pass from the loss's gradient by output 0 (the logits, with PlanOptions::logits).
  void backward(const Tensor& output_gradient);
  /// Receives positions in gradients() whose values are final, each once, while backward() computes the
  /// others. Between ops it is also called with none. On the thread that called backward().
  using GradientsFinal = std::function<void(std::span<const std::size_t>)>;
  /// The same, with gradients by the activities too, in their order.
  void backward(const Tensor& output_gradient, std::span<const Tensor> activity_gradients,
                const GradientsFinal& are_final = {});
  /// The activities, where PlanOptions::activities is set.
  [[nodiscard]] std::vector<Activity> activities() const;
  /// One for each trainable weight, in the model's order.
  [[nodiscard]] const std::vector<Gradient>& gradients() const;
  /// Weights that each forward() writes: moving statistics of BatchNormalization that trains.
  [[nodiscard]] const std::vector<VariablePtr>& written() const;
  [[nodiscard]] FinalActivation final_activation() const;
  /// Of a plan lowered with PlanOptions::feature_map. Throws Error{invalid_argument} for others.
  [[nodiscard]] FeatureMap feature_map() const;

  [[nodiscard]] std::int64_t batch_size() const;
  /// Bytes of activations and gradients together that the plan needs of its workspace.
  [[nodiscard]] std::size_t arena_bytes() const;
  /// The ops in order: those that prepare weights, then forward, then backward.
  [[nodiscard]] std::vector<StepInfo> steps() const;
  /// Times every step from now on, from zero; steps() reports the times. Costs two clock readings per step.
  void start_timing();
  /// What each pass of the lowering did, in order.
  [[nodiscard]] const std::vector<PassInfo>& passes() const;

 private:
  struct State;
  void set_inputs(std::span<const Tensor> inputs);
  explicit Plan(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace graft::plan
