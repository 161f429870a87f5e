// SPDX-License-Identifier: Apache-2.0
// Elementwise ops on bfloat16 arrays: block by block through float32 copies that stay in the first-level
// cache.
#include <algorithm>
#include <array>
#include <bit>

#include "graft/base/parallel.hpp"
#include "graft/base/target_clones.hpp"

#include "kernels/native/functions.hpp"
#include "kernels/vectors/convert.hpp"
#include "kernels/vectors/loops.hpp"

namespace graft::kernels::native_detail {
namespace {

using Block = std::array<float, vectors::kBlock>;

bool is_bfloat16(const Argument& argument) { return argument.dtype == DType::bfloat16; }

/// Elements [at, at + count) of a float32 or bfloat16 array as float32: in place, or copied.
const float* read(const View& x, std::size_t at, std::size_t count, Block& copy) {
  if (x.dtype != DType::bfloat16) return x.as<float>() + at;
  vectors::from_bfloat16_block(x.as<std::uint16_t>() + at, copy.data(), count);
  return copy.data();
}

/// A block of an output of either type: written in place, or into a copy that store() then rounds.
class OutputBlock {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): data() is written before store() reads copy_
  OutputBlock(const MutableView& y, std::size_t at) : y_(y), at_(at) {}
  [[nodiscard]] float* data() { return is_rounded() ? copy_.data() : y_.as<float>() + at_; }
  void store(std::size_t count) const {
    if (is_rounded()) vectors::to_bfloat16_block(copy_.data(), y_.as<std::uint16_t>() + at_, count);
  }

 private:
  [[nodiscard]] bool is_rounded() const { return y_.dtype == DType::bfloat16; }

  MutableView y_;
  std::size_t at_;
  Block copy_;  // not initialised
};

void compute(const ops::ActivationForward& op, std::array<const float*, 2> in, float* y, std::size_t count) {
  vectors::activate_block(op.activation, in[0], y, count);
}
void compute(const ops::ActivationBackward& op, std::array<const float*, 2> in, float* y, std::size_t count) {
  vectors::activation_backward_block(op.activation, in[0], in[1], y, count);
}
/// A sum.
void compute(const ops::Binary& op, std::array<const float*, 2> in, float* y, std::size_t count) {
  vectors::add_block(in[0], in[1], y, count);
  if (!op.activation.is_linear()) vectors::activate_block(op.activation, y, y, count);
}

/// dx = dy where y is between 0 and a bound, whose bits are `end`, else 0: bits of positive numbers are in
/// the order of the numbers.
GRAFT_CLONES void pass_between(const std::uint16_t* y, std::int16_t end, const std::uint16_t* dy,
                               std::uint16_t* dx, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = static_cast<std::int16_t>(y[i]);
    dx[i] = bits > 0 && bits < end ? dy[i] : std::uint16_t{0};
  }
}

/// The bits of the least bfloat16 number that is not below a positive one.
std::int16_t bits_from(float bound) {
  const auto bits = std::bit_cast<std::uint32_t>(bound);
  return static_cast<std::int16_t>((bits + 0xFFFFU) >> 16U);
}

template <typename Op>
Function by_blocks(const Op& op, const Spec& spec) {
  return [op, has_second = spec.inputs.size() > 1, count = elements(spec.outputs[0].shape)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    vectors::for_each_block(count, [&](std::size_t begin, std::size_t end) {
      Block first;
      Block second;
      const std::size_t n = end - begin;
      const std::array<const float*, 2> x{read(inputs[0], begin, n, first),
                                          has_second ? read(inputs[1], begin, n, second) : nullptr};
      OutputBlock y(outputs[0], begin);
      compute(op, x, y.data(), n);
      y.store(n);
    });
  };
}

}  // namespace

Function bf16_function_of(const ops::ActivationForward& op, const Spec& spec) { return by_blocks(op, spec); }

Function bf16_function_of(const ops::ActivationBackward& op, const Spec& spec) {
  using In = ops::ActivationBackward::In;
  using Out = ops::ActivationBackward::Out;
  const bool all_bfloat16 =
      is_bfloat16(spec.in(In::source)) && is_bfloat16(spec.in(In::dy)) && is_bfloat16(spec.out(Out::dx));
  if (!all_bfloat16 || !vectors::only_clips(op.activation) || op.activation.is_linear())
    return by_blocks(op, spec);
  return [end = bits_from(op.activation.max_value), count = elements(spec.out(Out::dx).shape)](
             const RunContext&, Inputs inputs, Outputs outputs) {
    const auto* y = in<std::uint16_t>(inputs, In::source);
    const auto* dy = in<std::uint16_t>(inputs, In::dy);
    auto* dx = out<std::uint16_t>(outputs, Out::dx);
    parallel_for(count, 2 * vectors::kGrain, [&](std::size_t first, std::size_t last) {
      pass_between(y + first, end, dy + first, dx + first, last - first);
    });
  };
}

Function bf16_sum_of(const ops::Binary& op, const Spec& spec) { return by_blocks(op, spec); }

Function bf16_function_of(const ops::ScaleShift& op, const Spec& spec) {
  using In = ops::ScaleShift::In;
  using Out = ops::ScaleShift::Out;
  const std::size_t width = channels(spec.out(Out::y).shape);
  const bool bfloat16_weights = is_bfloat16(spec.in(In::scale)) || is_bfloat16(spec.in(In::shift));
  if (bfloat16_weights || width > vectors::kBlock) return {};
  return [activation = op.activation, width, count = elements(spec.out(Out::y).shape),
          tiles = vectors::ScaleAndShiftTiles(width, spec.concurrency)](
             const RunContext& context, Inputs inputs, Outputs outputs) mutable {
    const auto& pair = tiles.set(context.thread, in(inputs, In::scale), in(inputs, In::shift));
    vectors::for_each_row_block(count / width, width, [&](std::size_t begin, std::size_t end) {
      Block copy;
      const std::size_t n = (end - begin) * width;
      const float* x = read(in_view(inputs, In::x), begin * width, n, copy);
      OutputBlock y(out_view(outputs, Out::y), begin * width);
      vectors::scale_and_shift({&pair.scale, &pair.shift, activation}, x, y.data(), n);
      y.store(n);
    });
  };
}

}  // namespace graft::kernels::native_detail
