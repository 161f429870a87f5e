// SPDX-License-Identifier: Apache-2.0
// swish for results of bfloat16: x / (1 + exp(-x)) to 12 places of the 8 that are kept, without a division.
#include "kernels/native/low_activation.hpp"

#include "graft/kernels/kernel.hpp"

#include "kernels/native/bfloat16_vectors.hpp"
#include "kernels/native/loops.hpp"

namespace graft::kernels::loops {
namespace {

using native_detail::Floats;
using native_detail::kLanes;
using native_detail::load_wide;
using native_detail::store_rounded;

/// 2^x: of a whole number, times a polynomial for the rest, between -1/2 and 1/2: of degree 3, the one whose
/// largest relative error is least, 7.5e-5.
GRAFT_BFLOAT16_INLINE Floats power_of_two(const Floats& x) {
  Floats whole;
  const Floats rest = native_detail::split(x, whole);
  Floats power = rest * 0.05517167F + 0.24261114F;
  power = power * rest + 0.69326099F;
  power = power * rest + 0.99992807F;
  return native_detail::scaled(power, whole);
}

GRAFT_BFLOAT16_INLINE Floats swish(const Floats& x) {
  constexpr float kLog2OfE = 1.44269504F;
  return x * native_detail::about_reciprocal(1.0F + power_of_two(x * -kLog2OfE));
}

template <typename T>
GRAFT_BFLOAT16_INLINE void swish_block(const T* x, std::uint16_t* y, std::size_t count) {
  const auto end = static_cast<std::int64_t>(count);
  std::int64_t i = 0;
  for (; i + kLanes <= end; i += kLanes) store_rounded(swish(load_wide(x + i)), y + i);
  if (i == end) return;
  // The last few: as many as fill a vector, from copies.
  T few[kLanes] = {};
  std::uint16_t result[kLanes];
  for (std::int64_t k = i; k < end; ++k) few[k - i] = x[k];
  store_rounded(swish(load_wide(few)), result);
  for (std::int64_t k = i; k < end; ++k) y[k] = result[k - i];
}

GRAFT_BFLOAT16 void swish_of_floats(const float* x, std::uint16_t* y, std::size_t count) {
  swish_block(x, y, count);
}
GRAFT_BFLOAT16 void swish_of_low(const std::uint16_t* x, std::uint16_t* y, std::size_t count) {
  swish_block(x, y, count);
}

}  // namespace

bool has_low_activation(const ops::Activation& activation) {
  return activation.kind == ops::ActivationKind::silu && has_fast_bfloat16();
}

void activate_to_low(const ops::Activation& activation, float* x, std::uint16_t* y, std::size_t count) {
  if (has_low_activation(activation)) return swish_of_floats(x, y, count);
  activate_block(activation, x, x, count);
  to_bfloat16_block(x, y, count);
}

void activate_low(const ops::Activation&, const std::uint16_t* x, std::uint16_t* y, std::size_t count) {
  for_each_block(
      count, [&](std::size_t begin, std::size_t end) { swish_of_low(x + begin, y + begin, end - begin); });
}

}  // namespace graft::kernels::loops
