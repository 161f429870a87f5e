// SPDX-License-Identifier: Apache-2.0
#include "graft/base/parallel.hpp"

#include "kernels/native/convert.hpp"
#include "kernels/native/functions.hpp"
#include "kernels/native/loops.hpp"
#include "kernels/native/target_clones.hpp"

namespace graft::kernels {
namespace loops {
namespace {

GRAFT_CLONES void round_block(const float* x, std::uint16_t* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = rounded(x[i]);
}

GRAFT_CLONES void widen_block(const std::uint16_t* x, float* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = widened(x[i]);
}

}  // namespace

void to_bfloat16_block(const float* x, std::uint16_t* y, std::size_t count) { round_block(x, y, count); }
void from_bfloat16_block(const std::uint16_t* x, float* y, std::size_t count) { widen_block(x, y, count); }

void to_bfloat16(const float* x, std::uint16_t* y, std::size_t count) {
  parallel_for(count, kGrain, [&](std::size_t begin, std::size_t end) {
    to_bfloat16_block(x + begin, y + begin, end - begin);
  });
}

void from_bfloat16(const std::uint16_t* x, float* y, std::size_t count) {
  parallel_for(count, kGrain, [&](std::size_t begin, std::size_t end) {
    from_bfloat16_block(x + begin, y + begin, end - begin);
  });
}

}  // namespace loops

namespace native_detail {

Function function_of(const ops::Cast&, const Spec& spec) {
  const std::size_t count = elements(spec.outputs[0].shape);
  if (spec.inputs[0].dtype == DType::float32) {
    return [count, to = spec.outputs[0].scale](const RunContext&, Inputs inputs, Outputs outputs) {
      loops::to_format(to, in(inputs, 0), outputs[0], count);
    };
  }
  return [count, from = spec.inputs[0].scale](const RunContext&, Inputs inputs, Outputs outputs) {
    loops::from_format(from, inputs[0], out(outputs, 0), count);
  };
}

}  // namespace native_detail
}  // namespace graft::kernels
