// SPDX-License-Identifier: Apache-2.0
// Elementwise ops on bfloat16 arrays: block by block through float32 copies that stay in the first-level
// cache.
#include <algorithm>
#include <array>
#include <bit>

#include "graft/base/parallel.hpp"

#include "kernels/native/convert.hpp"
#include "kernels/native/functions.hpp"
#include "kernels/native/loops.hpp"
#include "kernels/native/target_clones.hpp"

namespace graft::kernels::native_detail {
namespace {

using Block = std::array<float, loops::kBlock>;

/// An array of either type, by blocks.
struct Elements {
  float* data;
  bool low;

  [[nodiscard]] std::uint16_t* bits(std::size_t at) const {
    return reinterpret_cast<std::uint16_t*>(data) + at;
  }
  /// Elements [at, at + count) as float32: where they lie, or copied.
  [[nodiscard]] float* read(std::size_t at, std::size_t count, Block& copy) const {
    if (!low) return data + at;
    loops::from_bfloat16_block(bits(at), copy.data(), count);
    return copy.data();
  }
  /// Where to put them: into the array itself or into the copy that written() then takes over.
  [[nodiscard]] float* place(std::size_t at, Block& copy) const { return low ? copy.data() : data + at; }
  void written(std::size_t at, std::size_t count, const Block& copy) const {
    if (low) loops::to_bfloat16_block(copy.data(), bits(at), count);
  }
};

bool is_low(const Argument& argument) { return argument.dtype == DType::bfloat16; }

void compute(const ops::ActivationForward& op, std::array<const float*, 2> in, float* y, std::size_t count) {
  loops::activate_block(op.activation, in[0], y, count);
}
void compute(const ops::ActivationBackward& op, std::array<const float*, 2> in, float* y, std::size_t count) {
  loops::activation_backward_block(op.activation, in[0], in[1], y, count);
}
void compute(const ops::Add& op, std::array<const float*, 2> in, float* y, std::size_t count) {
  loops::add_block(in[0], in[1], y, count);
  if (!op.activation.is_linear()) loops::activate_block(op.activation, y, y, count);
}

/// dx = dy where y lies between 0 and a bound, whose bits are `end`, else 0: bits of positive numbers are in
/// the numbers' own order.
GRAFT_CLONES void pass_between(const std::uint16_t* y, std::int16_t end, const std::uint16_t* dy,
                               std::uint16_t* dx, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = static_cast<std::int16_t>(y[i]);
    dx[i] = bits > 0 && bits < end ? dy[i] : std::uint16_t{0};
  }
}

/// Of the least bfloat16 number that is not below a positive one.
std::int16_t bits_from(float bound) {
  const auto bits = std::bit_cast<std::uint32_t>(bound);
  return static_cast<std::int16_t>((bits + 0xFFFFU) >> 16U);
}

template <typename Op>
Function by_blocks(const Op& op, const Spec& spec) {
  const bool two = spec.inputs.size() > 1;
  return [op, two, first = is_low(spec.inputs[0]), second = two && is_low(spec.inputs[1]),
          result = is_low(spec.outputs[0]),
          count = elements(spec.outputs[0].shape)](const RunContext&, Inputs inputs, Outputs outputs) {
    const Elements a{const_cast<float*>(inputs[0]), first};
    const Elements b{two ? const_cast<float*>(inputs[1]) : nullptr, second};
    const Elements y{outputs[0], result};
    loops::for_each_block(count, [&](std::size_t begin, std::size_t end) {
      Block copy_a;
      Block copy_b;
      Block copy_y;
      const std::size_t n = end - begin;
      const std::array<const float*, 2> in{a.read(begin, n, copy_a),
                                           two ? b.read(begin, n, copy_b) : nullptr};
      compute(op, in, y.place(begin, copy_y), n);
      y.written(begin, n, copy_y);
    });
  };
}

}  // namespace

Function low_function_of(const ops::ActivationForward& op, const Spec& spec) { return by_blocks(op, spec); }

Function low_function_of(const ops::ActivationBackward& op, const Spec& spec) {
  const bool all_low = is_low(spec.inputs[0]) && is_low(spec.inputs[1]) && is_low(spec.outputs[0]);
  if (!all_low || !loops::only_clips(op.activation) || op.activation.is_linear()) return by_blocks(op, spec);
  return [end = bits_from(op.activation.max_value), count = elements(spec.outputs[0].shape)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    const Elements y{const_cast<float*>(inputs[0]), true};
    const Elements dy{const_cast<float*>(inputs[1]), true};
    const Elements dx{outputs[0], true};
    parallel_for(count, 2 * loops::kGrain, [&](std::size_t first, std::size_t last) {
      pass_between(y.bits(first), end, dy.bits(first), dx.bits(first), last - first);
    });
  };
}

Function low_function_of(const ops::Add& op, const Spec& spec) { return by_blocks(op, spec); }

Function low_function_of(const ops::ScaleShift& op, const Spec& spec) {
  const std::size_t width = channels(spec.outputs[0].shape);
  const bool weights = is_low(spec.inputs[1]) || is_low(spec.inputs[2]);
  if (weights || width > loops::kBlock) return {};
  return [activation = op.activation, first = is_low(spec.inputs[0]), result = is_low(spec.outputs[0]), width,
          count = elements(spec.outputs[0].shape), tiles = loops::ScaleAndShiftTiles(width, spec.at_once)](
             const RunContext& context, Inputs inputs, Outputs outputs) mutable {
    const auto& pair = tiles.set(context.thread, inputs[1], inputs[2]);
    const Elements x{const_cast<float*>(inputs[0]), first};
    const Elements y{outputs[0], result};
    loops::for_each_row_block(count / width, width, [&](std::size_t begin, std::size_t end) {
      Block copy_x;
      Block copy_y;
      const std::size_t at = begin * width;
      const std::size_t n = (end - begin) * width;
      loops::scale_and_shift({&pair.scale, &pair.shift, activation}, x.read(at, n, copy_x),
                             y.place(at, copy_y), n);
      y.written(at, n, copy_y);
    });
  };
}

}  // namespace graft::kernels::native_detail
