// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tflite/export/int8.hpp"

namespace graft {
inline namespace tflite {
namespace {

using formats::TfliteOp;
using formats::TfliteQuantization;

/// How an operator is used in 8 bits.
enum class Int8Use {
  none,      ///< it has no 8 bits
  product,   ///< of a kernel with a scale of its own
  moved,     ///< inputs and output have one scale and zero point
  stated,    ///< those of the output are fixed
  computed,  ///< each has its own
};

/// The specification's operators, and those that TensorFlow's own converter writes in 8 bits beside them:
/// RELU, RELU6, LEAKY_RELU, HARD_SWISH, REDUCE_MAX, RESIZE_NEAREST_NEIGHBOR.
Int8Use int8_use(TfliteOp op) {
  switch (op) {
    case TfliteOp::conv_2d:
    case TfliteOp::depthwise_conv_2d:
    case TfliteOp::fully_connected:
      return Int8Use::product;
    case TfliteOp::average_pool_2d:
    case TfliteOp::max_pool_2d:
    case TfliteOp::reshape:
    case TfliteOp::concatenation:
    case TfliteOp::pad:
    case TfliteOp::padv2:
    case TfliteOp::transpose:
    case TfliteOp::slice:
    case TfliteOp::resize_bilinear:
    case TfliteOp::resize_nearest_neighbor:
    case TfliteOp::maximum:
    case TfliteOp::minimum:
    case TfliteOp::reduce_max:
      return Int8Use::moved;
    case TfliteOp::logistic:
    case TfliteOp::softmax:
    case TfliteOp::tanh:
      return Int8Use::stated;
    case TfliteOp::add:
    case TfliteOp::sub:
    case TfliteOp::mul:
    case TfliteOp::mean:
    case TfliteOp::relu:
    case TfliteOp::relu6:
    case TfliteOp::leaky_relu:
    case TfliteOp::hard_swish:
      return Int8Use::computed;
    default:
      return Int8Use::none;
  }
}

/// The output's numbers by the specification.
TfliteQuantization stated_grid(TfliteOp op) {
  if (op == TfliteOp::tanh) return {.scale = {1.0F / 128}, .zero_point = {0}};
  return {.scale = {1.0F / 256}, .zero_point = {-128}};
}

Int8Range clamped(const Int8Range& range, float low, float high) {
  return {std::clamp(range.low, low, high), std::clamp(range.high, low, high)};
}

/// After the activation that an operator applies itself.
Int8Range activated(const Int8Range& range, std::int8_t activation) {
  constexpr float kSix = 6;
  switch (static_cast<formats::TfliteActivation>(activation)) {
    case formats::TfliteActivation::relu:
      return clamped(range, 0, std::max(range.high, 0.0F));
    case formats::TfliteActivation::relu6:
      return clamped(range, 0, kSix);
    default:
      return range;
  }
}

/// Of the model's input: pixels from 0 to 255 keep their numbers, also where no photo had the brightest.
Int8Range pixel_range(const Int8Range& range) {
  constexpr float kMost = 255, kHalf = 128;
  return range.low >= 0 && range.high >= kHalf && range.high <= kMost ? Int8Range{0, kMost} : range;
}

}  // namespace

TfliteQuantization int8_grid(const Int8Range& range) {
  constexpr float kSteps = 255, kLeast = -128, kMost = 127;
  const float low = std::min(range.low, 0.0F);
  const float high = std::max(range.high, 0.0F);
  float scale = (high - low) / kSteps;
  if (!std::isnormal(scale)) scale = 1;  // nothing but zeros
  const float zero = std::clamp(std::nearbyint(kLeast - low / scale), kLeast, kMost);
  return {.scale = {scale}, .zero_point = {static_cast<std::int64_t>(zero)}};
}

bool Int8Plan::moves(TfliteOp op) { return int8_use(op) == Int8Use::moved; }
bool Int8Plan::multiplies(TfliteOp op) { return int8_use(op) == Int8Use::product; }

Int8Plan::Int8Plan(const formats::TfliteModel& exact, const Int8Facts& facts)
    : exact_(exact),
      low_tensors_(exact.tensors.size(), false),
      next_(exact.tensors.size()),
      ranges_(exact.tensors.size()),
      stated_(exact.tensors.size()) {
  std::iota(next_.begin(), next_.end(), std::size_t{0});
  for (const std::int32_t input : exact.inputs) {
    const auto range = facts.ranges.find(input);
    if (range == facts.ranges.end()) continue;
    widen(input, pixel_range(range->second));
    low_tensors_[static_cast<std::size_t>(input)] = true;
  }
  // An operator reads what those before it made: one pass is enough.
  for (std::size_t i = 0; i < exact.operators.size(); ++i)
    low_.push_back(decide(exact.operators[i], facts, !facts.float32_layers.contains(facts.layers[i])));
}

bool Int8Plan::decide(const formats::TfliteOperator& op, const Int8Facts& facts, bool may_be_low) {
  const std::int32_t y = op.outputs.front();
  const auto known = facts.ranges.find(y);
  const std::optional<Int8Range> range =
      known != facts.ranges.end() ? std::optional(known->second) : inferred(op);
  if (range) widen(y, *range);
  if (!may_be_low || !has_low_inputs(op)) return false;
  if (int8_use(op.op) == Int8Use::stated) stated_[group(y)] = stated_grid(op.op);
  if (moves(op.op)) join(op);
  const bool low = has_grid(y);
  low_tensors_[static_cast<std::size_t>(y)] = low;
  return low;
}

/// Whether all that it computes with can have 8 bits. What is no product is worth it only where something has
/// them already.
bool Int8Plan::has_low_inputs(const formats::TfliteOperator& op) const {
  const Int8Use use = int8_use(op.op);
  if (use == Int8Use::none) return false;
  bool any = use == Int8Use::product;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const std::int32_t input = op.inputs[i];
    if (input < 0) continue;
    if (!is_computed(input)) continue;
    if (use == Int8Use::product && i > 0) return false;  // a kernel that is computed
    if (!has_grid(input)) return false;
    any = any || low_tensors_[static_cast<std::size_t>(input)];
  }
  return any;
}

/// Of a result that is no value between layers: a step of an activation's formula.
std::optional<Int8Range> Int8Plan::inferred(const formats::TfliteOperator& op) const {
  constexpr float kSix = 6;
  if (op.op == TfliteOp::logistic || op.op == TfliteOp::softmax) return Int8Range{0, 1};
  if (op.op == TfliteOp::tanh) return Int8Range{-1, 1};
  if (op.inputs.empty() || op.inputs[0] < 0 || !is_computed(op.inputs[0])) return std::nullopt;
  const std::optional<Int8Range>& x = ranges_[group(op.inputs[0])];
  if (!x) return std::nullopt;
  if (op.op == TfliteOp::relu) return clamped(*x, 0, std::max(x->high, 0.0F));
  if (op.op == TfliteOp::relu6) return clamped(*x, 0, kSix);
  const std::optional<float> number = op.inputs.size() == 2 ? single_number(op.inputs[1]) : std::nullopt;
  if (!number) return std::nullopt;
  Int8Range range = *x;
  if (op.op == TfliteOp::add) {
    range = {x->low + *number, x->high + *number};
  } else if (op.op == TfliteOp::sub) {
    range = {x->low - *number, x->high - *number};
  } else if (op.op == TfliteOp::mul) {
    range = {std::min(x->low * *number, x->high * *number), std::max(x->low * *number, x->high * *number)};
  } else {
    return std::nullopt;
  }
  return activated(range, op.settings.activation);
}

std::optional<float> Int8Plan::single_number(std::int32_t tensor) const {
  if (tensor < 0) return std::nullopt;
  const formats::TfliteTensor& known = exact_.tensors[static_cast<std::size_t>(tensor)];
  if (!known.value || known.dtype != DType::float32 || known.value->count() != 1) return std::nullopt;
  return known.value->data()[0];
}

bool Int8Plan::is_computed(std::int32_t tensor) const {
  return !exact_.tensors[static_cast<std::size_t>(tensor)].value.has_value();
}

bool Int8Plan::has_grid(std::int32_t tensor) const {
  const std::size_t first = group(tensor);
  return exact_.tensors[static_cast<std::size_t>(tensor)].dtype == DType::float32 &&
         (stated_[first].has_value() || ranges_[first].has_value());
}

formats::TfliteQuantization Int8Plan::grid(std::int32_t tensor) const {
  const std::size_t first = group(tensor);
  if (stated_[first]) return *stated_[first];
  return int8_grid(ranges_[first].value());
}

std::size_t Int8Plan::group(std::int32_t tensor) const {
  auto at = static_cast<std::size_t>(tensor);
  while (next_[at] != at) at = next_[at];
  return at;
}

void Int8Plan::widen(std::int32_t tensor, const Int8Range& range) {
  std::optional<Int8Range>& known = ranges_[group(tensor)];
  known = known ? Int8Range{std::min(known->low, range.low), std::max(known->high, range.high)} : range;
}

/// The output gets the numbers of its inputs. Where there are several, those that the specification states
/// are not taken over: such an input is rounded again.
void Int8Plan::join(const formats::TfliteOperator& op) {
  const std::int32_t y = op.outputs.front();
  const auto computed = [&](std::int32_t input) { return input >= 0 && is_computed(input); };
  const bool several = std::ranges::count_if(op.inputs, computed) > 1;
  for (const std::int32_t input : op.inputs) {
    if (!computed(input)) continue;
    const std::size_t from = group(input);
    const std::size_t to = group(y);
    if (from == to || (several && stated_[from])) continue;
    if (ranges_[to]) widen(input, *ranges_[to]);
    next_[to] = from;
  }
}

}  // namespace tflite
}  // namespace graft
