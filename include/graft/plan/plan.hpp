// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/execution.hpp"
#include "graft/models/model.hpp"
#include "graft/plan/gradient.hpp"
#include "graft/plan/workspace.hpp"
#include "graft/tensor/variable.hpp"

namespace graft::plan {

struct ValueRanges;

enum class Mode {
  inference,  ///< forward alone; layers as in Keras's training=False
  training,   ///< forward and backward; layers as in training=True, frozen BatchNormalization excepted
};

/// True where this processor computes faster in mixed precision: it has the instructions, and products of
/// bfloat16 numbers are faster than those of float32, measured at the first call (some 10 ms). Some
/// processors have the instructions and are slower with them. Threads: any.
[[nodiscard]] bool has_fast_mixed_precision();

struct PlanOptions {
  Mode mode = Mode::inference;
  std::int64_t batch_size = 1;
  /// (H, W, C) for inputs whose axes are open; empty: the model's own.
  std::optional<Shape> input_shape;
  /// Which tensors to compute; empty: the model's outputs.
  std::vector<SymbolicTensor> outputs;
  /// Also computes what activity_regularizers look at: outputs of their own, behind the others.
  bool activities = false;
  /// Leaves out a softmax or sigmoid that ends the model: losses are exact on logits.
  bool logits = false;
  /// Threads and number format; the seed is forward()'s.
  Execution execution{};
  /// For int8: how far the model's values reach. Values that have none here stay float32.
  std::shared_ptr<const ValueRanges> ranges;
  /// The forward pass runs for so few samples at a time that an op's arguments take about so many bytes: what
  /// one op leaves for the next is then in the processor's cache. Changes nothing but speed and memory.
  std::size_t cache_bytes = std::size_t{4} << 20;
  /// Puts what no training changes before the rest, so that forward_frozen() can run it alone.
  bool frozen_first = false;
  /// Where activations and gradients live; null: a workspace of the plan's own.
  std::shared_ptr<Workspace> workspace;
};

/// An output of a layer with an activity_regularizer, in one of its calls.
struct Activity {
  std::string layer;  ///< its path
  std::string rule;   ///< the regularizer, as layers::Regularizer reads it, or a file's JSON
  Tensor value;       ///< a view of the last forward()'s
};

/// One executed op, for looking at where the time goes.
struct StepInfo {
  std::string layer;
  std::string op;
  std::string implementation;
  Shape shape;            ///< of the op's largest argument that is no weight
  double operations = 0;  ///< multiplications and additions of one run; 0 where they are not what costs
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
  /// Throws Error{shape_mismatch} or Error{unsupported} naming the layer.
  [[nodiscard]] static Plan lower(const Model& model, const PlanOptions& options);
  ~Plan();
  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;

  /// Runs the forward pass. inputs: float32 (batch_size, ...), one for each model input. seed and step name
  /// the random numbers that Dropout and the random layers draw. Throws Error{shape_mismatch}.
  void forward(std::span<const Tensor> inputs, std::uint64_t seed = 0, std::uint64_t step = 0);
  void forward(const Tensor& input, std::uint64_t seed = 0, std::uint64_t step = 0);
  /// Output number index of the last forward(): a view that the next one overwrites.
  [[nodiscard]] Tensor output(std::size_t index = 0) const;
  // forward() in two parts, of a plan lowered with frozen_first.
  /// The part that no training changes: no trainable weight and no random number reaches it. It ends up to a
  /// tenth of its work earlier where it leaves less for the other part then. Inputs as in forward().
  void forward_frozen(const Tensor& input);
  /// What that part leaves for the other: views that hold until the other part has begun. Whoever keeps
  /// copies may put them back and go on from there, for the same results bit by bit. Empty where the other
  /// part reads the input too, or all there is.
  [[nodiscard]] const std::vector<Tensor>& frozen_values() const;
  /// Sum of the versions of the weights that the first part reads; grows when one of them is changed after
  /// all.
  [[nodiscard]] std::uint64_t frozen_version() const;
  /// The other part.
  void forward_from_frozen(std::uint64_t seed = 0, std::uint64_t step = 0);

  /// Runs the backward pass from the loss's gradient by output 0 (the logits where left out).
  void backward(const Tensor& output_gradient);
  /// The same with gradients by the activities beside it, in their order.
  void backward(const Tensor& output_gradient, std::span<const Tensor> activity_gradients);
  /// What PlanOptions::activities asked for.
  [[nodiscard]] std::vector<Activity> activities() const;
  /// One for each trainable weight, in the model's order.
  [[nodiscard]] const std::vector<Gradient>& gradients() const;
  [[nodiscard]] FinalActivation final_activation() const;

  [[nodiscard]] std::int64_t batch_size() const;
  /// Bytes of activations and gradients together that the plan needs of its workspace.
  [[nodiscard]] std::size_t arena_bytes() const;
  /// The ops in order: those that prepare weights, then forward, then backward.
  [[nodiscard]] std::vector<StepInfo> steps() const;
  /// From here on every step is timed, from zero; steps() tells. Costs two readings of the clock a step.
  void start_timing();

 private:
  struct State;
  void set_inputs(std::span<const Tensor> inputs);
  explicit Plan(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace graft::plan
